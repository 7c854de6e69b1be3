package io.paddock.agent.server.containers;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One registry, with the image {@code box:1}, for all classes that only pull it: the first starts it, and it ends with the last. */
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
