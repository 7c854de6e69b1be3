package io.paddock.platform.tls;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A context that makes each connection by the newest of other contexts. Sessions are resumed within one of them only, so that
 * nobody comes back on the strength of a certificate that is trusted no more.
 */
final class ChangingContext extends SSLContext {
    ChangingContext(Supplier<SSLContext> newest, TlsChoice choice) {
        super(
                new Newest(newest, choice),
                newest.get().getProvider(),
                newest.get().getProtocol());
    }

    private static final class Newest extends SSLContextSpi {
        private final Supplier<SSLContext> newest;
        private final TlsChoice choice;

        Newest(Supplier<SSLContext> newest, TlsChoice choice) {
            this.newest = newest;
            this.choice = choice;
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys, TrustManager @Nullable [] trusted, @Nullable SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("keys come from files here");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return new NameCheckingSockets(newest.get().getSocketFactory(), choice);
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return newest.get().getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return chosen(newest.get().createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return chosen(newest.get().createSSLEngine(host, port));
        }

        private SSLEngine chosen(SSLEngine engine) {
            engine.setSSLParameters(choice.applyTo(engine.getSSLParameters()));
            return engine;
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return newest.get().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return newest.get().getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return choice.applyTo(newest.get().getDefaultSSLParameters());
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return newest.get().getSupportedSSLParameters();
        }
    }
}
