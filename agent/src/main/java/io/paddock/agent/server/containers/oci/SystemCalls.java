package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.platform.json.Json;
import java.util.List;

/**
 * The default filter of system calls: everything is allowed but what reaches beyond the container or what only the machine's
 * administrator needs. Those fail with EPERM.
 */
final class SystemCalls {
    private static final List<String> REFUSED = List.of(
            "acct",
            "add_key",
            "bpf",
            "clock_adjtime",
            "clock_settime",
            "create_module",
            "delete_module",
            "fanotify_init",
            "finit_module",
            "fsconfig",
            "fsmount",
            "fsopen",
            "fspick",
            "get_kernel_syms",
            "init_module",
            "ioperm",
            "iopl",
            "kcmp",
            "kexec_file_load",
            "kexec_load",
            "keyctl",
            "lookup_dcookie",
            "mount",
            "mount_setattr",
            "move_mount",
            "name_to_handle_at",
            "nfsservctl",
            "open_by_handle_at",
            "open_tree",
            "perf_event_open",
            "pivot_root",
            "process_vm_readv",
            "process_vm_writev",
            "query_module",
            "quotactl",
            "reboot",
            "request_key",
            "setdomainname",
            "sethostname",
            "setns",
            "settimeofday",
            "stime",
            "swapoff",
            "swapon",
            "_sysctl",
            "sysfs",
            "syslog",
            "umount",
            "umount2",
            "unshare",
            "uselib",
            "userfaultfd",
            "vhangup",
            "vm86",
            "vm86old");

    private SystemCalls() {}

    /** As the {@code linux.seccomp} object of a runtime configuration. */
    static ObjectNode filter() {
        ObjectNode profile = Json.mapper().createObjectNode().put("defaultAction", "SCMP_ACT_ALLOW");
        ObjectNode rule = profile.putArray("syscalls").addObject().put("action", "SCMP_ACT_ERRNO");
        ArrayNode names = rule.putArray("names");
        REFUSED.forEach(names::add);
        return profile;
    }
}
