package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Filters of system calls as crun has compiled them. It leaves the program beside a container's state, and takes it instead of
 * compiling it anew for later containers with the same filter. Those keep the filter in their configuration: its flags count, and
 * a runtime that does not know the annotation compiles it. Any thread.
 */
final class CompiledFilters {
    private static final String PROGRAM = "seccomp.bpf";
    private static final String ANNOTATION = "run.oci.seccomp_bpf_data";
    private static final int MOST = 100;

    private final RuntimePrograms runtime;
    /** Programs in base64; guarded by this. */
    private final Map<JsonNode, String> programs = new LinkedHashMap<>();

    CompiledFilters(RuntimePrograms runtime) {
        this.runtime = runtime;
    }

    /** Gives a container the program of its filter, if that is known. */
    void give(OciConfig config) {
        config.filter().flatMap(this::known).ifPresent(program -> config.annotate(ANNOTATION, program));
    }

    private synchronized Optional<String> known(JsonNode filter) {
        return Optional.ofNullable(programs.get(filter));
    }

    /** Remembers the program of a container that was created. */
    void learn(OciConfig config, ContainerRecord record) throws IOException {
        Optional<JsonNode> filter = config.filter();
        if (filter.isEmpty() || known(filter.get()).isPresent()) {
            return;
        }
        Path program = runtime.state().resolve(record.name()).resolve(PROGRAM);
        try {
            remember(filter.get(), Base64.getEncoder().encodeToString(Files.readAllBytes(program)));
        } catch (NoSuchFileException e) {
            // Another runtime, or the container has ended.
        }
    }

    private synchronized void remember(JsonNode filter, String program) {
        if (programs.size() >= MOST) {
            programs.clear();
        }
        if (!program.isEmpty()) {
            programs.put(filter, program);
        }
    }
}
