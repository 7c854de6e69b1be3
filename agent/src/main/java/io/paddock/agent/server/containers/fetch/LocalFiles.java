package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Files of this machine. An agent that is root reads them with the permissions of the task's user, whose file it will be: what
 * only root may read is nothing for a framework that may not run tasks as root. Source: Mesos' fetcher runs as that user.
 *
 * <p>A name may lead to something else from one moment to the next. A pipe is never waited for, and nothing but a plain file is
 * read.
 */
final class LocalFiles {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final Duration TIMEOUT = Duration.ofHours(2);
    private static final Path TOP = Path.of("/");
    private static final String NO_FILE = "not a file";

    /** In an image that may be anybody; here it is a user who owns nothing and reads what everybody may. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]+(:.*)?");

    private static final long NOBODYS = 0xFFFF_FFFDL;
    private static final UserIdentity STRANGER = new UserIdentity(NOBODYS, NOBODYS, List.of(), "/");

    /**
     * Becomes a user, whose output goes to the target. Arguments: the user's and its group's number, further groups, what to do, its
     * argument, the target. Numbers have a plus, or chroot would look for a user or a group of that name first.
     */
    private static final String AS_USER =
            "exec chroot --userspec=\"$1\" --groups=\"$2\" / sh -c \"$3\" sh \"$4\" > \"$5\"";

    /**
     * Copies a file to standard output, and lists what it was on standard error, as {@code ls -l} does. tar opens without waiting,
     * looks at what it has opened, and takes the content of plain files only. Argument: the file. With 1 tar says that the file is
     * not as it was when it was opened: of one that grows what was there is taken.
     */
    private static final String READ = """
            { ended=$({ {
                tar --create --file=- --dereference --absolute-names --no-recursion --verbose --verbose \\
                  --transform "s,.*,file," -- "$1"
                echo $? >&3
              } | tar --extract --file=- --to-stdout --absolute-names >&4 || echo failed >&3
              } 3>&1); } 4>&1
            [ "$ended" = 0 ] || [ "$ended" = 1 ]
            """;

    /** What tar puts in place of what is missing was never in the file. */
    private static final Pattern SHRANK = Pattern.compile("^tar: .*: File shrank by [0-9]+ byte", Pattern.MULTILINE);

    private final Tools tools;

    LocalFiles(Tools tools) {
        this.tools = tools;
    }

    /** Replaces the target. */
    void copy(Source source, Path target, Cancellation cancellation) throws IOException {
        Path path = Path.of(source.path());
        if (ROOT && source.reader().isPresent()) {
            String permissions = copyAs(source.reader().get(), path, target, cancellation);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
        } else {
            copyAsAgent(path, target);
        }
    }

    /** By way of a path that is opened without opening what is there, and without links. */
    private static void copyAsAgent(Path path, Path target) throws IOException {
        try (PathBelow file = PathBelow.find(TOP, TOP.relativize(path.toRealPath()))) {
            if (!Files.isRegularFile(file.file())) {
                throw new IOException(NO_FILE);
            }
            PathBelow.naming(() -> Files.copy(
                    file.file(), target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES));
        } catch (NoSuchFileException e) {
            throw new IOException("no such file", e);
        } catch (FileSystemException e) {
            throw new IOException(PathBelow.message(e), e);
        }
    }

    /**
     * Copies it with the rights of somebody else.
     *
     * @return its permissions, as {@code rwxr-x---}
     */
    String copyAs(String name, Path path, Path target, Cancellation cancellation) throws IOException {
        UserIdentity user = identity(name);
        ToolCall call = ToolCall.of(
                "sh",
                "-c",
                AS_USER,
                "sh",
                "+" + user.uid() + ":+" + user.gid(),
                user.groups().stream().map(group -> "+" + group).collect(Collectors.joining(",")),
                READ,
                path.toString(),
                target.toString());
        Tools.Output output = tools.attempt(call.within(TIMEOUT), cancellation);
        String said = output.stderr();
        if (output.code() != 0 || SHRANK.matcher(said).find()) {
            throw new IOException("as user " + name + ": " + reason(said));
        }
        if (!said.startsWith("-")) {
            throw new IOException("as user " + name + ": " + NO_FILE);
        }
        return said.substring(1, 10).replaceAll("[st]", "x").replaceAll("[ST]", "-");
    }

    /** By name alone: who may be whom is decided by names, and a number of one's choice would be a way around that. */
    private static UserIdentity identity(String user) throws IOException {
        try {
            return UserIdentity.ofHost(user);
        } catch (IOException e) {
            if (NUMBER.matcher(user).matches()) {
                return STRANGER;
            }
            throw new IOException("this machine has no user " + user + ", with whose permissions it would be read", e);
        }
    }

    /** The first thing that tar complains of, if it does. */
    private static String reason(String said) {
        return said.lines()
                .filter(line -> line.startsWith("tar: "))
                .map(line -> line.substring("tar: ".length()))
                .findFirst()
                .orElse(said.strip());
    }
}
