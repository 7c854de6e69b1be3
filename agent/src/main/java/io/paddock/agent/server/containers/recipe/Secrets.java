package io.paddock.agent.server.containers.recipe;

import io.paddock.proto.v1.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the bytes of a secret: given by value, or referred to by name as a file of the operator's directory, {@code name} or
 * {@code name/key}. Read anew each time, so that a changed secret reaches the next container. Values never reach a log.
 */
public final class Secrets {
    private static final long MOST_BYTES = 1 << 20;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");

    private final Optional<Path> directory;

    /** @param directory of secrets referred to by name; empty: there are none */
    public Secrets(Optional<Path> directory) {
        this.directory = directory;
    }

    /**
     * The secret's bytes.
     *
     * @param where the field that has it, for the error
     */
    public byte[] bytes(Secret secret, String where) throws IOException {
        if (secret.hasValue() && secret.getType() != Secret.Type.REFERENCE) {
            return secret.getValue().getData().toByteArray();
        }
        if (!secret.hasReference() || secret.getType() == Secret.Type.VALUE) {
            throw new IOException(where + ": a secret by value or reference expected");
        }
        Secret.Reference reference = secret.getReference();
        String name = reference.hasKey() ? reference.getName() + "/" + reference.getKey() : reference.getName();
        if (directory.isEmpty()) {
            throw new IOException(where + " refers to the secret " + name
                    + "; this agent has no directory of secrets (--secrets-dir)");
        }
        Path file = directory.get();
        for (String word : name.split("/", -1)) {
            if (!WORD.matcher(word).matches()) {
                throw new IOException(where + ": a secret's name of letters, digits, _, . and - expected, got " + name);
            }
            file = file.resolve(word);
        }
        return read(file, where + " refers to the secret " + name);
    }

    /** A link may lead to another secret, as where they are mounted in one piece, but not out of the directory. */
    private byte[] read(Path file, String what) throws IOException {
        if (!Files.isRegularFile(file)
                || !file.toRealPath().startsWith(directory.orElseThrow().toRealPath())) {
            throw new IOException(what + ", which the agent does not have");
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(what + ", which is larger than " + MOST_BYTES + " bytes");
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(what + ", which cannot be read", e);
        }
    }
}
