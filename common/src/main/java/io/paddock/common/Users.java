package io.paddock.common;

/** Names of users as messages give them. */
public final class Users {
    public static final String ROOT = "root";

    private Users() {}

    /** The user of a command, or another where it names none. */
    public static String of(String command, String otherwise) {
        return command.isEmpty() ? otherwise : command;
    }

    /** Whether it may stand for root somewhere: by name or number, with a group or without; no name is whom the agent runs as. */
    public static boolean isRoot(String user) {
        String name = user.split(":", 2)[0];
        return name.equals(ROOT) || name.chars().allMatch(digit -> digit == '0');
    }
}
