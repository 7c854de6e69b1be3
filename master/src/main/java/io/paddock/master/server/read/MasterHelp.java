package io.paddock.master.server.read;

import io.paddock.platform.http.HelpRoute.Endpoint;
import java.util.List;

/** What {@code /help} of a master says. All of the process {@code master} are there without it, too. */
final class MasterHelp {
    static final List<Endpoint> ENDPOINTS = List.of(
            master("/api/v1", "POST", "The operator API: one call as JSON or protobuf"),
            master("/api/v1/scheduler", "POST", "The scheduler API; SUBSCRIBE is answered by a stream of events"),
            master("/health", "GET", "200 while the process runs"),
            master("/version", "GET", "The version"),
            master("/flags", "GET", "The flags in force"),
            master("/redirect", "GET", "Redirects to the leading master"),
            master("/state", "GET", "The whole cluster: agents, frameworks, tasks"),
            master("/state-summary", "GET", "The cluster in numbers"),
            master("/slaves", "GET", "Agents and their resources; ?slave_id="),
            master("/frameworks", "GET", "Frameworks with their tasks; ?framework_id="),
            master("/tasks", "GET", "Tasks; ?limit= ?offset= ?order= ?framework_id= ?task_id="),
            master("/roles", "GET", "Roles with weight, quota and what they hold"),
            master("/weights", "GET, PUT", "Weights of roles"),
            master("/quota", "GET, POST", "Quotas of roles; DELETE /quota/ROLE removes one"),
            master("/offers/why", "GET", "Why nothing is offered; ?framework= ?role="),
            master("/maintenance/schedule", "GET, POST", "When which machines will be under maintenance"),
            master("/maintenance/status", "GET", "Which machines are draining or down"),
            master("/machine/down", "POST", "Begins the maintenance of machines"),
            master("/machine/up", "POST", "Ends the maintenance of machines"),
            master("/reserve", "POST", "Reserves resources of an agent: slaveId, resources"),
            master("/unreserve", "POST", "Ends reservations: slaveId, resources"),
            master("/create-volumes", "POST", "Creates persistent volumes: slaveId, volumes"),
            master("/destroy-volumes", "POST", "Destroys persistent volumes: slaveId, volumes"),
            master("/teardown", "POST", "Removes a framework: frameworkId"),
            master("/security/files", "GET", "Which files of credentials and rules are in force"),
            new Endpoint("registrar(1)", "/registry", "GET", "What the registry holds"),
            new Endpoint(
                    "allocator(1)",
                    "/offer_constraints_debug",
                    "GET",
                    "Offer constraints of frameworks and the agents they exclude"),
            new Endpoint("metrics", "/snapshot", "GET", "All metrics by name"),
            new Endpoint("metrics", "/prometheus", "GET", "The same as Prometheus reads them"),
            new Endpoint("files", "/browse", "GET", "Lists a directory: ?path="),
            new Endpoint("files", "/read", "GET", "Reads a part of a file: ?path= ?offset= ?length="),
            new Endpoint("files", "/download", "GET", "A whole file: ?path="),
            new Endpoint("files", "/debug", "GET", "Which paths stand for which files"),
            new Endpoint("logging", "/toggle", "GET, POST", "Logs more for a while: ?level= ?duration="),
            new Endpoint("system", "/stats.json", "GET", "Load and memory of the machine"));

    private MasterHelp() {}

    private static Endpoint master(String name, String methods, String text) {
        return new Endpoint("master", name, methods, text);
    }
}
