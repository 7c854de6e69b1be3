package io.paddock.platform.http;

import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * Other servers of the cluster, as this one reaches them.
 *
 * @param https whether those of the same kind speak HTTPS: they do if this one does
 * @param tls what is trusted and shown where HTTPS is spoken
 */
public record Peers(boolean https, HttpsConnectionContext tls) {
    public static Peers of(boolean https, SSLContext tls) {
        return new Peers(https, ConnectionContext.httpsClient(tls));
    }

    /** Of servers of the same kind. */
    public String scheme() {
        return https ? "https" : "http";
    }

    public CompletionStage<HttpResponse> send(ActorSystem<?> system, HttpRequest request) {
        return Http.get(system).singleRequest(request, tls);
    }
}
