package dev.stockpot.faults;

/**
 * How a run ended that something befell.
 *
 * @param why what is wrong, if anything is
 */
record Ending(Kind kind, String why) {
    /** Ends; the first four are as promised. */
    enum Kind {
        RIGHT_RESULT("right result"),
        RIGHT_ERROR("right error"),
        KILLED("killed, next run right"),
        SKIPPED("not possible here"),
        WRONG("wrong"),
        HANG("hang"),
        DEAD_JVM("dead JVM"),
        LEFT_BEHIND("left behind");

        final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    static Ending of(Kind kind) {
        return new Ending(kind, "");
    }

    boolean isGood() {
        return kind.compareTo(Kind.WRONG) < 0;
    }

    @Override
    public String toString() {
        return why.isEmpty() ? kind.title : kind.title + ": " + why;
    }
}
