package io.paddock.cli;

import io.paddock.platform.flags.Flags;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** A verb in a process of its own, as the launcher runs it: with real streams, and signals, which leave it time to finish. */
final class ClientProcess {
    private ClientProcess() {}

    public static void main(String[] words) {
        StandardStream.install();
        CountDownLatch finished = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(finished)));
        int status = execute(words);
        finished.countDown();
        System.exit(status);
    }

    private static int execute(String[] words) {
        CommandLine line = Flags.commandLine(ClientCommands.all().get(words[0]).get(), System.getenv());
        return line.execute(Arrays.copyOfRange(words, 1, words.length));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As if a signal had come just before. */
    static final class Ending {
        public static void main(String[] words) {
            StandardStream.install();
            CountDownLatch ending = new CountDownLatch(1);
            CountDownLatch finished = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                ending.countDown();
                await(finished);
            }));
            new Thread(() -> System.exit(0)).start();
            await(ending);
            execute(words);
            finished.countDown();
        }
    }

    /** @param streams redirections of the shell, such as {@code >/dev/full} */
    static ProcessBuilder builder(String master, String streams, String... words) {
        return builder(ClientProcess.class, master, streams, words);
    }

    static ProcessBuilder builder(Class<?> main, String master, String streams, String... words) {
        String[] command = {
            "sh",
            "-c",
            "exec \"$@\" " + streams,
            "sh",
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()
        };
        String[] all = Arrays.copyOf(command, command.length + words.length);
        System.arraycopy(words, 0, all, command.length, words.length);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("PADDOCK_MASTER", master);
        return builder;
    }
}
