package dev.stockpot.cli.output;

/** Stockpot's version, from the jar's manifest. */
public final class Version {
    private Version() {}

    /** The version, or that this is a development build. */
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(development build)" : version;
    }
}
