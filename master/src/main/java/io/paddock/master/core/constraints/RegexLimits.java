package io.paddock.master.core.constraints;

/**
 * How large the regular expressions of offer constraints may be. Both are flags of Mesos.
 *
 * @param maxBytes of one expression with its repetitions written out, at 16 bytes for each thing to match
 * @param maxProgramSize steps of one compiled expression
 */
public record RegexLimits(int maxBytes, int maxProgramSize) {
    /** The defaults of Mesos. */
    public static final RegexLimits DEFAULT = new RegexLimits(4096, 100);
}
