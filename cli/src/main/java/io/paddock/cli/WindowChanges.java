package io.paddock.cli;

import java.lang.reflect.Proxy;

/**
 * Tells when the terminal's window changes its size. The JDK's signal class is looked up by name: it is supported but not part
 * of the platform's API, and a runtime without it only loses this.
 */
final class WindowChanges {
    private WindowChanges() {}

    /** Runs {@code changed} on the JVM's signal thread after every change. */
    static void listen(Runnable changed) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object listener = Proxy.newProxyInstance(
                    WindowChanges.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            changed.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), listener);
        } catch (ReflectiveOperationException e) {
            System.err.println("The command will not learn of changes of the window's size (" + e + ").");
        }
    }
}
