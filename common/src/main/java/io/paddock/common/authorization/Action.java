package io.paddock.common.authorization;

import java.util.Locale;

/**
 * What can be allowed or refused, and what the objects of its rules are. Source: the ACLs of the Mesos 1.11 local
 * authorizer; the JSON keys are the names in lower case.
 */
public enum Action {
    REGISTER_FRAMEWORKS(Objects.ROLES),
    RUN_TASKS(Objects.USERS),
    TEARDOWN_FRAMEWORKS(Objects.FRAMEWORK_PRINCIPALS),
    RESERVE_RESOURCES(Objects.ROLES),
    UNRESERVE_RESOURCES(Objects.RESERVER_PRINCIPALS),
    CREATE_VOLUMES(Objects.ROLES),
    DESTROY_VOLUMES(Objects.CREATOR_PRINCIPALS),
    RESIZE_VOLUMES(Objects.ROLES),
    CREATE_BLOCK_DISKS(Objects.ROLES),
    DESTROY_BLOCK_DISKS(Objects.ROLES),
    CREATE_MOUNT_DISKS(Objects.ROLES),
    DESTROY_MOUNT_DISKS(Objects.ROLES),
    DESTROY_RAW_DISKS(Objects.ROLES),
    GET_QUOTAS(Objects.ROLES),
    UPDATE_QUOTAS(Objects.ROLES),
    VIEW_ROLES(Objects.ROLES),
    UPDATE_WEIGHTS(Objects.ROLES),
    GET_ENDPOINTS(Objects.PATHS),
    VIEW_FRAMEWORKS(Objects.USERS),
    VIEW_TASKS(Objects.USERS),
    VIEW_EXECUTORS(Objects.USERS),
    ACCESS_SANDBOXES(Objects.USERS),
    ACCESS_MESOS_LOGS(Objects.LOGS),
    VIEW_FLAGS(Objects.FLAGS),
    SET_LOG_LEVEL(Objects.LEVEL),
    REGISTER_AGENTS(Objects.AGENTS),
    DRAIN_AGENTS(Objects.AGENTS),
    DEACTIVATE_AGENTS(Objects.AGENTS),
    REACTIVATE_AGENTS(Objects.AGENTS),
    MARK_AGENTS_GONE(Objects.AGENTS),
    UPDATE_MAINTENANCE_SCHEDULES(Objects.MACHINES),
    GET_MAINTENANCE_SCHEDULES(Objects.MACHINES),
    START_MAINTENANCES(Objects.MACHINES),
    STOP_MAINTENANCES(Objects.MACHINES),
    GET_MAINTENANCE_STATUSES(Objects.MACHINES),
    LAUNCH_NESTED_CONTAINERS_AS_USER(Objects.USERS),
    LAUNCH_NESTED_CONTAINERS_UNDER_PARENT_WITH_USER(Objects.USERS),
    LAUNCH_NESTED_CONTAINER_SESSIONS_AS_USER(Objects.USERS),
    LAUNCH_NESTED_CONTAINER_SESSIONS_UNDER_PARENT_WITH_USER(Objects.USERS),
    KILL_NESTED_CONTAINERS(Objects.USERS),
    WAIT_NESTED_CONTAINERS(Objects.USERS),
    REMOVE_NESTED_CONTAINERS(Objects.USERS),
    ATTACH_CONTAINERS_INPUT(Objects.USERS),
    ATTACH_CONTAINERS_OUTPUT(Objects.USERS),
    VIEW_CONTAINERS(Objects.USERS),
    LAUNCH_STANDALONE_CONTAINERS(Objects.USERS),
    KILL_STANDALONE_CONTAINERS(Objects.USERS),
    WAIT_STANDALONE_CONTAINERS(Objects.USERS),
    REMOVE_STANDALONE_CONTAINERS(Objects.USERS),
    VIEW_STANDALONE_CONTAINERS(Objects.USERS),
    MODIFY_RESOURCE_PROVIDER_CONFIGS(Objects.RESOURCE_PROVIDERS),
    MARK_RESOURCE_PROVIDERS_GONE(Objects.RESOURCE_PROVIDERS),
    VIEW_RESOURCE_PROVIDERS(Objects.RESOURCE_PROVIDERS),
    PRUNE_IMAGES(Objects.IMAGES);

    /** What a rule's objects are: its second JSON key. */
    public enum Objects {
        ROLES(true),
        USERS(true),
        FRAMEWORK_PRINCIPALS(true),
        RESERVER_PRINCIPALS(true),
        CREATOR_PRINCIPALS(true),
        PATHS(true),
        LOGS(false),
        FLAGS(false),
        LEVEL(false),
        AGENTS(false),
        MACHINES(false),
        RESOURCE_PROVIDERS(false),
        IMAGES(false);

        private final boolean named;

        Objects(boolean named) {
            this.named = named;
        }

        /** Whether single objects can be named; otherwise a rule says ANY or NONE. */
        public boolean named() {
            return named;
        }

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Objects objects;

    Action(Objects objects) {
        this.objects = objects;
    }

    public Objects objects() {
        return objects;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
