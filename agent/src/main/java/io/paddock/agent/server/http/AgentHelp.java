package io.paddock.agent.server.http;

import io.paddock.platform.http.HelpRoute.Endpoint;
import java.util.List;

/** What {@code /help} of an agent says. All of them are there with and without {@code /slave(1)}. */
final class AgentHelp {
    static final List<Endpoint> ENDPOINTS = List.of(
            agent("/api/v1", "POST", "The operator API: one call as JSON or protobuf"),
            agent("/api/v1/executor", "POST", "The executor API; SUBSCRIBE is answered by a stream of events"),
            agent("/health", "GET", "200 once the agent has recovered"),
            agent("/version", "GET", "The version"),
            agent("/flags", "GET", "The flags in force"),
            agent("/state", "GET", "The agent with its frameworks, executors and tasks"),
            agent(
                    "/containers",
                    "GET",
                    "Containers with status and statistics; ?container_id= ?framework_id= ?executor_id="),
            agent("/containerizer/debug", "GET", "Steps of launches and clean-ups that run just now"),
            agent("/monitor/statistics", "GET", "What the containers of executors use"),
            agent("/images", "GET", "Images the agent has"),
            agent("/images/pull", "POST", "Pulls an image: ?name="),
            agent("/networks", "GET", "Networks that containers can join"),
            agent("/security/files", "GET", "Which files of credentials and rules are in force"),
            new Endpoint("metrics", "/snapshot", "GET", "All metrics by name"),
            new Endpoint(
                    "metrics", "/prometheus", "GET", "The same, and those of containers, as Prometheus reads them"),
            new Endpoint("files", "/browse", "GET", "Lists a directory: ?path="),
            new Endpoint("files", "/read", "GET", "Reads a part of a file: ?path= ?offset= ?length="),
            new Endpoint("files", "/download", "GET", "A whole file: ?path="),
            new Endpoint("files", "/debug", "GET", "Which paths stand for which files"),
            new Endpoint("logging", "/toggle", "GET, POST", "Logs more for a while: ?level= ?duration="),
            new Endpoint("system", "/stats.json", "GET", "Load and memory of the machine"));

    private AgentHelp() {}

    private static Endpoint agent(String name, String methods, String text) {
        return new Endpoint("slave(1)", name, methods, text);
    }
}
