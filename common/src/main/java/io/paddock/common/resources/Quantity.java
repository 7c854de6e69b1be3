package io.paddock.common.resources;

/** An amount of one resource: a scalar, a set of number ranges or a set of names. Immutable; never negative. */
public sealed interface Quantity permits Quantity.Scalar, Ranges, Names {
    Quantity plus(Quantity other);

    /** What is left after taking {@code other} away; what {@code other} has too much of is ignored. */
    Quantity minus(Quantity other);

    /** Whether all of {@code other} is in here. */
    boolean contains(Quantity other);

    boolean isEmpty();

    /**
     * A number with three decimals.
     *
     * @param thousandths the number times 1000, rounded half up, never negative
     */
    record Scalar(long thousandths) implements Quantity {
        public static final Scalar ZERO = new Scalar(0);

        public Scalar {
            if (thousandths < 0) {
                throw new IllegalArgumentException("negative scalar: " + thousandths + " thousandths");
            }
        }

        /** Rounds to the nearest thousandth. */
        public static Scalar of(double value) {
            return new Scalar(Math.round(value * 1000));
        }

        public double value() {
            return thousandths / 1000.0;
        }

        @Override
        public Scalar plus(Quantity other) {
            return new Scalar(Math.addExact(thousandths, ((Scalar) other).thousandths));
        }

        @Override
        public Scalar minus(Quantity other) {
            return new Scalar(Math.max(0, thousandths - ((Scalar) other).thousandths));
        }

        @Override
        public boolean contains(Quantity other) {
            return thousandths >= ((Scalar) other).thousandths;
        }

        @Override
        public boolean isEmpty() {
            return thousandths == 0;
        }

        @Override
        public String toString() {
            String whole = Long.toString(thousandths / 1000);
            long rest = thousandths % 1000;
            return rest == 0 ? whole : whole + "." + String.format("%03d", rest).replaceAll("0+$", "");
        }
    }
}
