package io.paddock.platform.http;

import java.time.Duration;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Passes on requests whose short bodies are complete. Many clients write a request's head and its body one after the other;
 * where they are not read at once Pekko makes a stream of the body, and a handler that runs this stream pays for an actor of
 * its own: more than for all the rest of a small call. Here it is run inside of the connection's actor.
 *
 * <p>Bodies that are long, or of unknown length, stay streams. The connection fails when a body does not come in time.
 */
final class WholeBodies extends GraphStage<FlowShape<HttpRequest, HttpRequest>> {
    /** Longest body that is waited for, in bytes. */
    private static final long SHORT = 64 << 10;

    private static final Duration WITHIN = Duration.ofSeconds(60);

    private final Inlet<HttpRequest> in = Inlet.create("WholeBodies.in");
    private final Outlet<HttpRequest> out = Outlet.create("WholeBodies.out");
    private final FlowShape<HttpRequest, HttpRequest> shape = FlowShape.of(in, out);

    @Override
    public FlowShape<HttpRequest, HttpRequest> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private static boolean isShortStream(HttpEntity entity) {
        return entity instanceof HttpEntity.Default streamed && streamed.getContentLength() <= SHORT;
    }

    private final class Logic extends TimerGraphStageLogic {
        private @Nullable Body gathering;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    HttpRequest request = grab(in);
                    if (isShortStream(request.entity())) {
                        gathering = new Body(request);
                    } else {
                        push(out, request);
                    }
                }

                @Override
                public void onUpstreamFinish() {
                    if (gathering == null) {
                        completeStage();
                    }
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    pull(in);
                }
            });
        }

        @Override
        public void onTimer(Object key) {
            failStage(new IllegalStateException("a request's body did not come within " + WITHIN.toSeconds() + " s"));
        }

        /** The body of one request as it comes in. */
        private final class Body extends AbstractInHandler {
            private final HttpRequest request;
            private final SubSinkInlet<ByteString> data = new SubSinkInlet<>("WholeBodies.data");
            private ByteString bytes = ByteString.emptyByteString();

            Body(HttpRequest request) {
                this.request = request;
                data.setHandler(this);
                data.pull();
                request.entity().getDataBytes().runWith(data.sink(), subFusingMaterializer());
                scheduleOnce(this, WITHIN);
            }

            @Override
            public void onPush() {
                bytes = bytes.concat(data.grab());
                data.pull();
            }

            @Override
            public void onUpstreamFinish() {
                cancelTimer(this);
                gathering = null;
                push(
                        out,
                        request.withEntity(HttpEntities.create(request.entity().getContentType(), bytes)));
                if (isClosed(in)) {
                    completeStage();
                }
            }

            @Override
            public void onUpstreamFailure(Throwable failure) {
                failStage(failure);
            }
        }
    }
}
