package io.paddock.platform.security;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.AttributeKey;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Authorization;
import org.apache.pekko.http.javadsl.model.headers.BasicHttpCredentials;
import org.apache.pekko.http.javadsl.model.headers.HttpChallenge;
import org.apache.pekko.http.javadsl.model.headers.HttpCredentials;
import org.apache.pekko.http.javadsl.model.headers.OAuth2BearerToken;
import org.apache.pekko.http.javadsl.model.headers.WWWAuthenticate;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * Who is let in to a server: endpoints that are switched off answer 403; then whoever asks for something in a realm that
 * demands it must prove a principal by HTTP basic or a token, or is answered 401. Where nothing is demanded, nothing is looked
 * at: everybody is nobody.
 */
public final class Access {
    private static final AttributeKey<Principal> PRINCIPAL = AttributeKey.create("paddock.principal", Principal.class);

    private final Setup setup;

    /**
     * What a server demands.
     *
     * @param server {@code mesos-master} or alike, the start of its realms' names
     * @param realmOf to which realm a request belongs
     * @param demanding realms whose callers must say who they are
     * @param claimsSuffice whether a token that names no principal is let in, for the server to look at its claims
     * @param credentials for HTTP basic
     * @param keys for tokens; in the executors' realm also those before the newest, since an executor keeps its token
     * @param files where all of this is read from
     */
    public record Setup(
            String server,
            Function<HttpRequest, Realm> realmOf,
            Set<Realm> demanding,
            boolean claimsSuffice,
            Optional<Supplier<Credentials>> credentials,
            Optional<JwtKeys> keys,
            Supplier<Firewall> firewall,
            WatchedFiles files) {}

    private Access(Setup setup) {
        this.setup = setup;
    }

    /** Everybody is let in everywhere. */
    public static Access open() {
        return new Access(new Setup(
                "paddock",
                request -> Realm.OPEN,
                Set.of(),
                false,
                Optional.empty(),
                Optional.empty(),
                () -> Firewall.NONE,
                new WatchedFiles()));
    }

    /** @throws IllegalArgumentException when something is demanded that nobody can prove */
    public static Access of(Setup setup) {
        if (!setup.demanding().isEmpty()
                && setup.credentials().isEmpty()
                && setup.keys().isEmpty()) {
            throw new IllegalArgumentException("Authentication is demanded, but there is neither --http-credentials nor"
                    + " --jwt-secret-key to prove anything with");
        }
        return new Access(setup);
    }

    /** Every request must carry one of these credentials, for tests of servers. */
    public static Access basic(Credentials credentials) {
        return of(new Setup(
                "paddock",
                request -> Realm.READWRITE,
                Set.of(Realm.READWRITE),
                false,
                Optional.of(() -> credentials),
                Optional.empty(),
                () -> Firewall.NONE,
                new WatchedFiles()));
    }

    /** What the rules are read from; others may have theirs watched too. */
    public WatchedFiles files() {
        return setup.files();
    }

    public Optional<JwtKeys> keys() {
        return setup.keys();
    }

    /** Whom a request was authenticated as, where that is demanded. */
    public static Optional<Principal> principal(HttpRequest request) {
        return request.getAttribute(PRINCIPAL);
    }

    /** The route, for those who may use it. */
    public Route guard(Route inner) {
        return Directives.extractRequest(request -> {
            Firewall firewall = setup.firewall().get();
            if (!firewall.isEmpty() && firewall.blocks(EndpointPath.of(request))) {
                return refuse(
                        request, StatusCodes.FORBIDDEN, "Endpoint '" + EndpointPath.of(request) + "' is disabled");
            }
            if (setup.demanding().isEmpty()) {
                return inner;
            }
            Realm realm = setup.realmOf().apply(request);
            if (!setup.demanding().contains(realm)) {
                return inner;
            }
            Optional<Principal> proven = authenticate(request, realm);
            if (proven.isPresent() && proven.get().value().isEmpty() && !setup.claimsSuffice()) {
                return refuse(request, StatusCodes.FORBIDDEN, "The token has no 'sub', so it names no principal");
            }
            return proven.isPresent()
                    ? Directives.mapRequest(asked -> asked.addAttribute(PRINCIPAL, proven.get()), () -> inner)
                    : unauthenticated(realm);
        });
    }

    private Optional<Principal> authenticate(HttpRequest request, Realm realm) {
        HttpCredentials given = request.getHeader(Authorization.class)
                .map(Authorization::credentials)
                .orElse(null);
        if (given instanceof BasicHttpCredentials basic && takesBasic(realm)) {
            return setup.credentials()
                    .filter(known -> known.get().prove(basic.username(), basic.password()))
                    .map(known -> Principal.named(basic.username()));
        }
        if (given instanceof OAuth2BearerToken bearer) {
            Instant now = Instant.now();
            return setup.keys()
                    .flatMap(keys -> realm == Realm.EXECUTOR
                            ? keys.verifyAlsoOlder(bearer.token(), now)
                            : keys.newest().verify(bearer.token(), now));
        }
        return Optional.empty();
    }

    /** Executors have tokens; a person's password is of no use there. */
    private boolean takesBasic(Realm realm) {
        return realm != Realm.EXECUTOR && setup.credentials().isPresent();
    }

    private Route unauthenticated(Realm realm) {
        List<HttpChallenge> challenges = new ArrayList<>();
        if (takesBasic(realm)) {
            challenges.add(HttpChallenge.createBasic(realm.name(setup.server())));
        }
        if (setup.keys().isPresent()) {
            challenges.add(HttpChallenge.createOAuth2(realm.name(setup.server())));
        }
        return Directives.extractRequest(request -> refuse(
                request,
                StatusCodes.UNAUTHORIZED,
                "Authentication is required and has failed, or no credentials were given",
                WWWAuthenticate.create(challenges.toArray(HttpChallenge[]::new))));
    }

    private static Route refuse(
            HttpRequest request,
            org.apache.pekko.http.javadsl.model.StatusCode status,
            String why,
            org.apache.pekko.http.javadsl.model.HttpHeader... headers) {
        return Directives.extractMaterializer(materializer -> {
            request.discardEntityBytes(materializer);
            return Directives.complete(HttpResponse.create()
                    .withStatus(status)
                    .withHeaders(List.of(headers))
                    .withEntity(why + "\n"));
        });
    }
}
