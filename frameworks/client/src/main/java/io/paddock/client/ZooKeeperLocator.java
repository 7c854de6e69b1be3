package io.paddock.client;

import java.util.concurrent.CompletionStage;

final class ZooKeeperLocator implements MasterLocator {
    ZooKeeperLocator(String address, boolean tls) {
        throw new IllegalArgumentException(address);
    }

    public CompletionStage<String> locate() {
        throw new IllegalStateException();
    }

    public void close() {}
}
