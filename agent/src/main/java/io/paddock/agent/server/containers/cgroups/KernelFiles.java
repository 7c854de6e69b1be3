package io.paddock.agent.server.containers.cgroups;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** The small text files in which control groups show themselves. */
final class KernelFiles {
    private KernelFiles() {}

    static void write(Path file, long value) throws IOException {
        write(file, Long.toString(value));
    }

    static void write(Path file, String value) throws IOException {
        try {
            Files.writeString(file, value);
        } catch (IOException e) {
            throw new IOException("cannot write " + value + " to " + file + ": " + e.getMessage(), e);
        }
    }

    /** Empty when there is no such file, or it holds no number (such as {@code max}). */
    static OptionalLong number(Path file) throws IOException {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
        } catch (NoSuchFileException | NumberFormatException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            if (gone(e)) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    /** The words of every line; none when there is no such file. */
    static List<String[]> words(Path file) throws IOException {
        List<String[]> lines = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                lines.add(line.strip().split("\\s+", -1));
            }
        } catch (NoSuchFileException e) {
            return lines;
        } catch (IOException e) {
            if (!gone(e)) {
                throw e;
            }
        }
        return lines;
    }

    /** Lines of a name and a number. */
    static Map<String, Long> table(Path file) throws IOException {
        Map<String, Long> table = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split("\\s+", -1);
                if (words.length == 2) {
                    table.put(words[0], Long.parseLong(words[1]));
                }
            }
        } catch (NoSuchFileException | NumberFormatException e) {
            return table;
        } catch (IOException e) {
            if (!gone(e)) {
                throw e;
            }
        }
        return table;
    }

    /** Adds the process ids of a group and all below it. */
    static void processes(Path group, Set<Long> into) throws IOException {
        try {
            for (String line : Files.readAllLines(group.resolve("cgroup.procs"))) {
                into.add(Long.parseLong(line.strip()));
            }
            try (DirectoryStream<Path> children = Files.newDirectoryStream(group, Files::isDirectory)) {
                for (Path child : children) {
                    processes(child, into);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // The group is gone, and its processes with it.
        } catch (DirectoryIteratorException e) {
            if (!gone(e.getCause())) {
                throw e.getCause();
            }
        } catch (IOException e) {
            if (!gone(e)) {
                throw e;
            }
        }
    }

    /** Removes a group and all below it; only directories can be removed there. */
    static void remove(Path group) throws IOException {
        try {
            Files.deleteIfExists(group);
            return;
        } catch (FileSystemException e) {
            // Groups are below it, or processes in it.
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(group, Files::isDirectory)) {
            for (Path child : children) {
                remove(child);
            }
        }
        Files.deleteIfExists(group);
    }

    static void removeIfEmpty(Path group) throws IOException {
        if (!Files.isDirectory(group)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(group, Files::isDirectory)) {
            if (children.iterator().hasNext()) {
                return;
            }
        }
        Files.deleteIfExists(group);
    }

    /** The kernel answers ENODEV for files of a group that was removed while they were read. */
    private static boolean gone(IOException failure) {
        return failure.getMessage() != null && failure.getMessage().contains("No such device");
    }
}
