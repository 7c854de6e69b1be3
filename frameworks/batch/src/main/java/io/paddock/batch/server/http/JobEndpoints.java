package io.paddock.batch.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.paddock.batch.core.Answer;
import io.paddock.batch.core.JobView;
import io.paddock.batch.core.Refusal;
import io.paddock.batch.core.Request;
import io.paddock.batch.core.RunOverrides;
import io.paddock.batch.core.RunView;
import io.paddock.batch.core.Schedule;
import io.paddock.batch.server.cron.CronTimes;
import io.paddock.batch.server.http.Endpoints.Call;
import io.paddock.batch.server.json.JobReader;
import io.paddock.batch.server.json.JobReader.JobWithSchedule;
import io.paddock.batch.server.json.JobWriter;
import io.paddock.batch.server.json.JobWriter.Embed;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** Jobs, schedules, runs and the queue. Each handler reads the request, asks, and writes the answer. */
final class JobEndpoints {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String JOB = "job";
    private static final String SCHEDULE = "schedule";
    private static final String RUN = "run";

    private final Backend backend;
    private final EventHub events;
    private final JobReader reader;
    private final Clock clock = Clock.systemUTC();

    JobEndpoints(Backend backend, EventHub events, CronTimes cron) {
        this.backend = backend;
        this.events = events;
        this.reader = new JobReader(cron::problem);
    }

    Endpoints endpoints() {
        String job = "/v1/jobs/{job}";
        return new Endpoints()
                .add(HttpMethods.GET, "/v1/jobs", this::listJobs)
                .add(HttpMethods.POST, "/v1/jobs", this::createJob)
                .add(HttpMethods.GET, job, this::getJob)
                .add(HttpMethods.PUT, job, call -> updateJob(call, false))
                .add(HttpMethods.DELETE, job, this::deleteJob)
                .add(HttpMethods.GET, job + "/schedules", this::listSchedules)
                .add(HttpMethods.POST, job + "/schedules", this::addSchedule)
                .add(HttpMethods.GET, job + "/schedules/{schedule}", this::getSchedule)
                .add(HttpMethods.PUT, job + "/schedules/{schedule}", this::replaceSchedule)
                .add(HttpMethods.DELETE, job + "/schedules/{schedule}", this::deleteSchedule)
                .add(HttpMethods.GET, job + "/runs", this::listRuns)
                .add(HttpMethods.POST, job + "/runs", this::startRun)
                .add(HttpMethods.GET, job + "/runs/{run}", this::getRun)
                .add(HttpMethods.POST, job + "/runs/{run}/actions/stop", this::stopRun)
                .add(HttpMethods.GET, "/v1/queue", this::queue)
                .add(HttpMethods.GET, "/v1/events", this::events)
                .add(HttpMethods.POST, "/v0/scheduled-jobs", this::createJob)
                .add(HttpMethods.PUT, "/v0/scheduled-jobs/{job}", call -> updateJob(call, true));
    }

    private CompletionStage<HttpResponse> listJobs(Call call) {
        Set<Embed> embeds = embeds(call);
        return backend.ask(new Request.ListJobs(embeds.contains(Embed.history))).thenApply(answer -> {
            ArrayNode list = JSON.arrayNode();
            ((Answer.Jobs) answer).jobs().forEach(view -> list.add(JobWriter.info(view, embeds)));
            return json(StatusCodes.OK, list);
        });
    }

    private CompletionStage<HttpResponse> createJob(Call call) {
        JobWithSchedule job = reader.job(BadRequestException.parse(call.body()), null, now());
        return oneJob(new Request.CreateJob(job.spec(), job.schedule()), view -> json(StatusCodes.CREATED, spec(view)));
    }

    private CompletionStage<HttpResponse> getJob(Call call) {
        Set<Embed> embeds = embeds(call);
        return oneJob(
                new Request.GetJob(job(call), embeds.contains(Embed.history)),
                view -> json(StatusCodes.OK, JobWriter.info(view, embeds)));
    }

    private CompletionStage<HttpResponse> updateJob(Call call, boolean replaceSchedule) {
        JobWithSchedule job = reader.job(BadRequestException.parse(call.body()), job(call), now());
        return oneJob(
                new Request.UpdateJob(job.spec(), replaceSchedule, job.schedule()),
                view -> json(StatusCodes.OK, spec(view)));
    }

    private CompletionStage<HttpResponse> deleteJob(Call call) {
        return oneJob(
                new Request.DeleteJob(job(call), call.flag("stopCurrentJobRuns")),
                view -> json(StatusCodes.OK, spec(view)));
    }

    private CompletionStage<HttpResponse> listSchedules(Call call) {
        return oneJob(new Request.GetJob(job(call), false), view -> {
            ArrayNode list = JSON.arrayNode();
            Schedule schedule = view.job().schedule();
            if (schedule != null) {
                list.add(JobWriter.schedule(schedule, view.nextRunAt()));
            }
            return json(StatusCodes.OK, list);
        });
    }

    private CompletionStage<HttpResponse> addSchedule(Call call) {
        Schedule schedule = reader.schedule(BadRequestException.parse(call.body()), null, now());
        return oneJob(
                new Request.AddSchedule(job(call), schedule),
                view -> json(StatusCodes.CREATED, JobWriter.schedule(schedule, view.nextRunAt())));
    }

    private CompletionStage<HttpResponse> getSchedule(Call call) {
        String id = call.id(SCHEDULE);
        return oneJob(new Request.GetJob(job(call), false), view -> {
            Schedule schedule = view.job().schedule();
            return schedule != null && schedule.id().equals(id)
                    ? json(StatusCodes.OK, JobWriter.schedule(schedule, view.nextRunAt()))
                    : ErrorBodies.refused(Refusal.unknownSchedule(job(call), id));
        });
    }

    private CompletionStage<HttpResponse> replaceSchedule(Call call) {
        Schedule schedule = reader.schedule(BadRequestException.parse(call.body()), call.id(SCHEDULE), now());
        return oneJob(
                new Request.ReplaceSchedule(job(call), schedule),
                view -> json(StatusCodes.OK, JobWriter.schedule(schedule, view.nextRunAt())));
    }

    private CompletionStage<HttpResponse> deleteSchedule(Call call) {
        return oneJob(new Request.DeleteSchedule(job(call), call.id(SCHEDULE)), view -> HttpResponse.create());
    }

    /** Active runs; with {@code finished=true} also those of the history, newest first. */
    private CompletionStage<HttpResponse> listRuns(Call call) {
        return oneJob(new Request.GetJob(job(call), call.flag("finished")), view -> {
            ArrayNode list = JSON.arrayNode();
            view.activeRuns().forEach(run -> list.add(JobWriter.run(run)));
            if (call.flag("finished")) {
                view.finishedRuns().forEach(run -> list.add(JobWriter.run(run)));
            }
            return json(StatusCodes.OK, list);
        });
    }

    private CompletionStage<HttpResponse> startRun(Call call) {
        RunOverrides overrides = call.body().length == 0
                ? RunOverrides.NONE
                : JobReader.overrides(BadRequestException.parse(call.body()));
        return oneRun(new Request.StartRun(job(call), overrides), run -> json(StatusCodes.CREATED, JobWriter.run(run)));
    }

    /** An active run; with {@code finished=true} also one of the history, which clients of Metronome expect not to find. */
    private CompletionStage<HttpResponse> getRun(Call call) {
        String id = call.id(RUN);
        return oneJob(new Request.GetJob(job(call), call.flag("finished")), view -> {
            for (RunView run : view.activeRuns()) {
                if (run.run().id().equals(id)) {
                    return json(StatusCodes.OK, JobWriter.run(run));
                }
            }
            return view.finishedRuns().stream()
                    .filter(run -> run.id().equals(id))
                    .findFirst()
                    .map(run -> json(StatusCodes.OK, JobWriter.run(run)))
                    .orElseGet(() -> ErrorBodies.refused(Refusal.unknownRun(job(call), id)));
        });
    }

    private CompletionStage<HttpResponse> stopRun(Call call) {
        return oneRun(new Request.StopRun(job(call), call.id(RUN)), run -> json(StatusCodes.OK, JobWriter.run(run)));
    }

    private CompletionStage<HttpResponse> queue(Call call) {
        return backend.ask(new Request.GetQueue())
                .thenApply(answer -> json(StatusCodes.OK, JobWriter.queue(((Answer.Queue) answer).runs())));
    }

    private CompletionStage<HttpResponse> events(Call call) {
        Optional<String> last = call.request().getHeader("Last-Event-ID").map(HttpHeader::value);
        return CompletableFuture.completedFuture(HttpResponse.create()
                .withEntity(HttpEntities.createChunked(
                        MediaTypes.TEXT_EVENT_STREAM.toContentType(),
                        HttpServer.untilGone(call.request(), events.stream(last)))));
    }

    private CompletionStage<HttpResponse> oneJob(Request request, Function<JobView, HttpResponse> write) {
        return backend.ask(request)
                .thenApply(answer -> answer instanceof Answer.Refused refused
                        ? ErrorBodies.refused(refused.refusal())
                        : write.apply(((Answer.OneJob) answer).job()));
    }

    private CompletionStage<HttpResponse> oneRun(Request request, Function<RunView, HttpResponse> write) {
        return backend.ask(request)
                .thenApply(answer -> answer instanceof Answer.Refused refused
                        ? ErrorBodies.refused(refused.refusal())
                        : write.apply(((Answer.OneRun) answer).run()));
    }

    private static JsonNode spec(JobView view) {
        return JobWriter.spec(view.job().spec(), view.job().schedule(), view.nextRunAt());
    }

    private static String job(Call call) {
        String id = call.id(JOB);
        if (!JobReader.isJobId(id)) {
            throw new BadRequestException("'" + id + "' is no job id");
        }
        return id;
    }

    private static Set<Embed> embeds(Call call) {
        Set<Embed> embeds = EnumSet.noneOf(Embed.class);
        for (String names : call.request().getUri().query().getAll("embed")) {
            for (String name : names.split(",")) {
                embeds.add(embed(name.trim()));
            }
        }
        return embeds;
    }

    private static Embed embed(String name) {
        for (Embed embed : Embed.values()) {
            if (embed.name().equals(name)) {
                return embed;
            }
        }
        throw new BadRequestException("Unknown embed '" + name + "'; expected one of " + List.of(Embed.values()));
    }

    private Instant now() {
        return clock.instant();
    }

    private static HttpResponse json(StatusCode status, JsonNode body) {
        return Responses.json(status, Json.bytes(body));
    }
}
