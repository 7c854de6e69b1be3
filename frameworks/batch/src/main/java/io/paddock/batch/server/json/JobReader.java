package io.paddock.batch.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.paddock.batch.core.JobSpec;
import io.paddock.batch.core.RunOverrides;
import io.paddock.batch.core.Schedule;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads jobs and schedules as users send them; everything that does not fit is named, unknown fields too. */
public final class JobReader {
    private static final String SEGMENT = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
    private static final Pattern JOB_ID = Pattern.compile(SEGMENT + "(\\." + SEGMENT + ")*");
    private static final int LONGEST_ID = 200;
    private static final long DEFAULT_STARTING_DEADLINE = 900;
    private static final long LEAST_STARTING_DEADLINE = 60;

    /** Says what is wrong with a cron expression. */
    @FunctionalInterface
    public interface CronCheck {
        Optional<String> problem(String cron, Instant now);
    }

    /** A job with the schedule that came with it. */
    public record JobWithSchedule(JobSpec spec, @Nullable Schedule schedule, boolean schedulesGiven) {}

    private enum ConcurrencyPolicy {
        ALLOW,
        FORBID
    }

    private final CronCheck cron;

    /** @param cron checks expressions */
    public JobReader(CronCheck cron) {
        this.cron = cron;
    }

    /**
     * Reads a job.
     *
     * @param pathId the id in the address, which wins; null: the document must have one
     * @throws Problems.InvalidException naming every field that does not fit
     */
    public JobWithSchedule job(JsonNode document, @Nullable String pathId, Instant now) {
        Problems problems = new Problems();
        Fields fields = new Fields("", document, problems);
        List<Schedule> schedules = fields.objects("schedules", schedule -> schedule(schedule, null, now));
        boolean given = fields.has("schedules");
        if (schedules.size() > 1) {
            fields.problem("schedules", "a job has at most one schedule");
        }
        JobSpec spec = spec(fields, pathId);
        if (!schedules.isEmpty() && !spec.dependencies().isEmpty()) {
            fields.problem("dependencies", "a job may have dependencies or a schedule, but not both");
        }
        refuse(problems);
        return new JobWithSchedule(spec, schedules.isEmpty() ? null : schedules.get(0), given);
    }

    /** Reads a schedule; see {@link #job}. */
    public Schedule schedule(JsonNode document, @Nullable String pathId, Instant now) {
        Problems problems = new Problems();
        Schedule schedule = schedule(new Fields("", document, problems), pathId, now);
        refuse(problems);
        return schedule;
    }

    /**
     * Reads what is different in one run. Metronome ignores the body of such a request, so nothing but an object with fields
     * counts.
     */
    public static RunOverrides overrides(JsonNode document) {
        if (!document.isObject() || document.isEmpty()) {
            return RunOverrides.NONE;
        }
        Problems problems = new Problems();
        RunOverrides overrides = RunReader.overrides(new Fields("", document, problems));
        refuse(problems);
        return overrides;
    }

    /** The id of a job, as it may stand in an address. */
    public static boolean isJobId(String id) {
        return id.length() <= LONGEST_ID && JOB_ID.matcher(id).matches();
    }

    /** Reads back what {@link JobWriter#spec} wrote. */
    static JobSpec stored(JsonNode document) {
        Problems problems = new Problems();
        Fields fields = new Fields("", document, problems);
        fields.ignore("schedules");
        JobSpec spec = spec(fields, null);
        refuse(problems);
        return spec;
    }

    private static void refuse(Problems problems) {
        if (!problems.none()) {
            throw new Problems.InvalidException(problems);
        }
    }

    private static JobSpec spec(Fields fields, @Nullable String pathId) {
        String id = pathId == null ? fields.requiredText("id") : pathId;
        fields.ignore("id");
        if (pathId == null && fields.has("id") && !isJobId(id)) {
            fields.problem(
                    "id",
                    "'" + id
                            + "' is no job id: expected segments of a-z, 0-9 and inner dashes, joined by dots, at most "
                            + LONGEST_ID + " characters");
        }
        List<String> dependencies = fields.objects("dependencies", JobReader::dependency);
        if (new HashSet<>(dependencies).size() < dependencies.size()) {
            fields.problem("dependencies", "names a job twice");
        }
        Fields run = fields.object("run");
        if (run == null) {
            fields.problem("run", "is required");
            run = fields.at("run", JsonNodeFactory.instance.objectNode());
        }
        JobSpec spec = new JobSpec(
                id, fields.text("description"), fields.textMap("labels"), dependencies, new RunReader(run).read());
        fields.noOthers();
        return spec;
    }

    private static @Nullable String dependency(Fields fields) {
        String id = fields.requiredText("id");
        fields.noOthers();
        return id;
    }

    private Schedule schedule(Fields fields, @Nullable String pathId, Instant now) {
        Schedule schedule = stored(fields, pathId);
        if (!schedule.cron().isEmpty()) {
            cron.problem(schedule.cron(), now).ifPresent(problem -> fields.problem("cron", problem));
        }
        try {
            ZoneId.of(schedule.timezone());
        } catch (DateTimeException e) {
            fields.problem(
                    "timezone", "'" + schedule.timezone() + "' is no time zone; expected one like Europe/Berlin");
        }
        return schedule;
    }

    private static Schedule stored(Fields fields, @Nullable String pathId) {
        String id = pathId == null ? fields.requiredText("id") : pathId;
        fields.ignore("id");
        if (pathId == null && fields.has("id") && !isJobId(id)) {
            fields.problem("id", "'" + id + "' is no schedule id: expected a-z, 0-9, inner dashes and dots");
        }
        String expression = fields.requiredText("cron");
        String zone = fields.text("timezone");
        long deadline = fields.whole("startingDeadlineSeconds", LEAST_STARTING_DEADLINE, DEFAULT_STARTING_DEADLINE);
        ConcurrencyPolicy policy = fields.oneOf("concurrencyPolicy", ConcurrencyPolicy.class);
        boolean enabled = fields.flag("enabled", true);
        fields.ignore("nextRunAt");
        fields.noOthers();
        return new Schedule(
                id, expression, zone == null ? "UTC" : zone, deadline, policy == ConcurrencyPolicy.FORBID, enabled);
    }

    /** Reads back what {@link JobWriter#schedule} wrote, without asking whether it still fires. */
    static Schedule storedSchedule(JsonNode document) {
        Problems problems = new Problems();
        Schedule schedule = stored(new Fields("", document, problems), null);
        refuse(problems);
        return schedule;
    }
}
