package io.paddock.marathon.core.deploy;

import io.paddock.marathon.core.model.PathId;

/**
 * One thing a deployment does to one app.
 *
 * @param kind what is done
 */
public record Action(Kind kind, PathId app) {
    /** What is done. */
    public enum Kind {
        /** The app is new; nothing has to be done. */
        START("StartApplication"),
        /** The app is gone: all its instances end. */
        STOP("StopApplication"),
        /** The number of instances is brought to the wanted one. */
        SCALE("ScaleApplication"),
        /** All instances are replaced by ones of the current definition. */
        RESTART("RestartApplication");

        private final String apiName;

        Kind(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }
    }
}
