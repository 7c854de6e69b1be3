package io.paddock.cli;

import java.io.ByteArrayOutputStream;

/** Watches what is typed for Ctrl-P Ctrl-Q, with which a user leaves without ending what runs. */
final class DetachKeys {
    private static final int CTRL_P = 0x10;
    private static final int CTRL_Q = 0x11;

    private final boolean watching;
    private boolean half;
    private volatile boolean pressed;

    /** @param watching whether they mean anything */
    DetachKeys(boolean watching) {
        this.watching = watching;
    }

    boolean pressed() {
        return pressed;
    }

    /** What of the typed bytes goes on; a Ctrl-P is held back until the next key. */
    byte[] filter(byte[] typed, int length) {
        ByteArrayOutputStream passed = new ByteArrayOutputStream(length + 1);
        for (int i = 0; i < length && !pressed; i++) {
            if (watching && half && typed[i] == CTRL_Q) {
                pressed = true;
            } else if (watching && !half && typed[i] == CTRL_P) {
                half = true;
            } else {
                if (half) {
                    passed.write(CTRL_P);
                }
                half = false;
                passed.write(typed[i]);
            }
        }
        return passed.toByteArray();
    }
}
