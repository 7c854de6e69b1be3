package io.paddock.executor.checks;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** Asks for a page once connected, and takes the status of the answer; what comes after it is thrown away. */
final class StatusReader extends SimpleChannelInboundHandler<HttpObject> {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_FINAL = 200;

    /**
     * An answer.
     *
     * @param location where a redirect leads; empty without one
     */
    record Status(int code, String location) {}

    private final URI uri;
    private final CompletableFuture<Status> status;

    StatusReader(URI uri, CompletableFuture<Status> status) {
        this.uri = uri;
        this.status = status;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path());
        request.headers()
                .set(HttpHeaderNames.HOST, uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort())
                .set(HttpHeaderNames.USER_AGENT, "Paddock")
                .set(HttpHeaderNames.ACCEPT, "*/*")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(request);
    }

    private String path() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            fail("it does not answer in HTTP: " + part.decoderResult().cause().getMessage());
        } else if (part instanceof HttpResponse response) {
            int code = response.status().code();
            // An interim status, such as 100, announces the final one.
            if (code >= FIRST_FINAL || code == SWITCHING_PROTOCOLS) {
                status.complete(new Status(code, response.headers().get(HttpHeaderNames.LOCATION, "")));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail("the connection was closed without an answer");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        boolean wrapped = failure instanceof DecoderException && failure.getCause() != null;
        Throwable cause = wrapped ? failure.getCause() : failure;
        if (cause instanceof NotSslRecordException) {
            fail("it does not speak TLS"); // its message is all that was said instead
            return;
        }
        fail(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
    }

    private void fail(String why) {
        status.completeExceptionally(new IOException(why));
    }
}
