package io.paddock.cli;

import com.google.protobuf.ByteString;

/** Text that comes in pieces. */
final class Utf8 {
    private static final int LONGEST = 4;

    private Utf8() {}

    /** The piece without a character at its end of which more is to come. */
    static ByteString whole(ByteString piece) {
        for (int back = 1; back < LONGEST && back <= piece.size(); back++) {
            int b = piece.byteAt(piece.size() - back) & 0xff;
            if (b >= 0xc0) {
                int length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
                return length > back ? piece.substring(0, piece.size() - back) : piece;
            }
            if (b < 0x80) {
                return piece;
            }
        }
        return piece;
    }
}
