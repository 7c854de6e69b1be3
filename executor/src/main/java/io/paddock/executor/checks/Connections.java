package io.paddock.executor.checks;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import io.paddock.platform.linux.NetworkNamespaces;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * TCP connections of checks, each from inside of the network it is meant for. All of them share one thread, that of their
 * events; another one enters network namespaces, and a few at most look names up, which only redirects bring.
 */
final class Connections implements AutoCloseable {
    private static final int MOST_LOOK_UPS = 4;
    private static final int MOST_LOOK_UPS_WAITING = 1000;
    private static final long LOOK_UP_THREAD_IDLE_SECONDS = 10;
    private static final int READ_BYTES = 2048;

    private final EventLoop loop = new NioEventLoopGroup(1, new DefaultThreadFactory("checks", true)).next();
    private final NetworkNamespaces namespaces = new NetworkNamespaces("checks-networks", loop);
    private final ThreadPoolExecutor lookUps = new ThreadPoolExecutor(
            MOST_LOOK_UPS,
            MOST_LOOK_UPS,
            LOOK_UP_THREAD_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_LOOK_UPS_WAITING),
            new DefaultThreadFactory("checks-names", true));

    Connections() {
        lookUps.allowCoreThreadTimeOut(true);
        // Its thread has to be there before the first answer of the namespaces.
        loop.execute(() -> {});
    }

    /** Fails what is not complete in time with a TimeoutException; zero: no limit. */
    void limit(CompletableFuture<?> outcome, Duration timeout) {
        if (!timeout.isZero()) {
            ScheduledFuture<?> timer = loop.schedule(
                    () -> outcome.completeExceptionally(new TimeoutException()),
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
            outcome.whenComplete((done, failure) -> timer.cancel(false));
        }
    }

    /**
     * Connects.
     *
     * @param network the file that holds the network namespace to connect in; empty: the agent's own
     * @param host an address or a name
     * @param handler gets what happens on the connection
     * @param until closes the connection with its end, however early
     * @return fails with a ConnectException when nobody was there, with another IOException when it could not be tried
     */
    CompletionStage<Channel> connect(
            Optional<Path> network, String host, int port, ChannelHandler handler, CompletionStage<?> until) {
        return address(host)
                .thenCompose(address -> open(network, address)
                        .thenCompose(socket -> connect(socket, new InetSocketAddress(address, port), handler, until)));
    }

    private CompletionStage<InetAddress> address(String host) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        return literal != null
                ? CompletableFuture.completedFuture(address(host, literal))
                : CompletableFuture.supplyAsync(() -> lookUp(host), lookUps);
    }

    private static InetAddress address(String host, byte[] literal) {
        try {
            return InetAddress.getByAddress(host, literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("addresses have 4 or 16 bytes", e);
        }
    }

    private static InetAddress lookUp(String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            throw new CompletionException(new IOException("the name " + name + " is not known", e));
        }
    }

    private CompletionStage<SocketChannel> open(Optional<Path> network, InetAddress address) {
        StandardProtocolFamily family =
                address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        if (network.isPresent()) {
            return namespaces.open(network.get(), () -> SocketChannel.open(family));
        }
        try {
            return CompletableFuture.completedFuture(SocketChannel.open(family));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<Channel> connect(
            SocketChannel socket, InetSocketAddress address, ChannelHandler handler, CompletionStage<?> until) {
        CompletableFuture<Channel> connected = new CompletableFuture<>();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channelFactory(() -> new NioSocketChannel(socket))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .option(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                .handler(handler)
                .connect(address);
        until.whenComplete((done, failure) -> connecting.channel().close());
        connecting.addListener(ready -> {
            if (ready.isSuccess()) {
                connected.complete(connecting.channel());
            } else {
                connected.completeExceptionally(
                        ready.cause() instanceof SocketException
                                ? new ConnectException(ready.cause().getMessage())
                                : ready.cause());
            }
        });
        return connected;
    }

    @Override
    public void close() {
        namespaces.close();
        lookUps.shutdown();
        loop.parent().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
