package io.paddock.platform.zookeeper;

class InMemoryStateStoreTest extends StateStoreContract {
    private final InMemoryStateStore.Shared shared = new InMemoryStateStore.Shared();

    @Override
    StateStore open() {
        return InMemoryStateStore.open(shared);
    }
}
