package io.paddock.agent.server.containers;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One registry with a few images for all classes that only pull them: the first starts it, and it ends with the last. They are
 * {@code box:1}, {@code configured:1} with more of its own, {@code user:1} for another user, and {@code labelled:1}.
 */
final class SharedRegistry implements BeforeAllCallback {
    private LocalRegistry registry;

    @Override
    public void beforeAll(ExtensionContext tests) {
        registry = tests.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedRegistry.class))
                .getOrComputeIfAbsent(LocalRegistry.class, each -> start(), LocalRegistry.class);
    }

    private static LocalRegistry start() {
        try {
            return pushed(LocalRegistry.start());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the registry does not start", e);
        }
    }

    private static LocalRegistry pushed(LocalRegistry started) throws Exception {
        try {
            started.push("box:1", "--config.cmd=id");
            started.push(
                    "configured:1",
                    "--config.entrypoint=/bin/sh",
                    "--config.entrypoint=-c",
                    "--config.cmd=echo default command",
                    "--config.env=COLOUR=blue",
                    "--config.env=GREETING=overridden",
                    "--config.workingdir=/tmp");
            started.push("user:1", "--config.cmd=id", "--config.user=web");
            started.push("labelled:1", "--config.label=com.example.team=blue", "--config.label=stage=test");
            return started;
        } catch (Exception e) {
            started.close();
            throw e;
        }
    }

    String name(String image) {
        return registry.name(image);
    }
}
