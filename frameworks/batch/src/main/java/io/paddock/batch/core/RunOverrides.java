package io.paddock.batch.core;

import io.paddock.batch.core.RunSpec.EnvValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is different in one run from what its job says.
 *
 * @param env added to the job's, or in place of variables of the same name
 * @param args in place of the job's; null: the job's
 * @param labels as {@code env}
 * @param cpus in place of the job's; null: the job's
 * @param mem MB, as {@code cpus}
 */
public record RunOverrides(
        Map<String, EnvValue> env,
        @Nullable List<String> args,
        Map<String, String> labels,
        @Nullable Double cpus,
        @Nullable Double mem) {
    public static final RunOverrides NONE = new RunOverrides(Map.of(), null, Map.of(), null, null);

    JobSpec apply(JobSpec job) {
        if (equals(NONE)) {
            return job;
        }
        Map<String, String> allLabels = new LinkedHashMap<>(job.labels());
        allLabels.putAll(labels);
        return new JobSpec(job.id(), job.description(), allLabels, job.dependencies(), apply(job.run()));
    }

    private RunSpec apply(RunSpec run) {
        Map<String, EnvValue> allEnv = new LinkedHashMap<>(run.env());
        allEnv.putAll(env);
        return new RunSpec(
                cpus == null ? run.cpus() : cpus,
                mem == null ? run.mem() : mem,
                run.disk(),
                run.gpus(),
                run.cmd(),
                args == null ? run.args() : args,
                run.user(),
                allEnv,
                run.constraints(),
                run.artifacts(),
                run.maxLaunchDelaySeconds(),
                run.docker(),
                run.ucr(),
                run.volumes(),
                run.restart(),
                run.killGraceSeconds(),
                run.secrets(),
                run.networks());
    }
}
