package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Frameworks come, change and go: keeps their clients, one for each role, in the books. Described at {@link Allocator}. */
final class FrameworkEvents {
    private final Books books;

    FrameworkEvents(Books books) {
        this.books = books;
    }

    void added(String frameworkId, FrameworkTraits traits, boolean active) {
        Framework framework = books.frameworks.get(frameworkId);
        if (framework == null) {
            framework = new Framework(frameworkId, traits);
            books.frameworks.put(frameworkId, framework);
        } else if (!framework.removed) {
            throw new IllegalStateException("framework " + frameworkId + " is known to the allocator already");
        }
        framework.removed = false;
        framework.active = active;
        changed(framework, traits);
    }

    void changed(Framework framework, FrameworkTraits traits) {
        framework.traits = traits;
        for (String role : new TreeSet<>(traits.roles())) {
            books.client(framework, role).subscribed = true;
        }
        for (Client client : List.copyOf(framework.clients.values())) {
            String role = client.role.name;
            List<Resources> minimum = traits.minAllocatable().get(role);
            client.subscribed = traits.roles().contains(role);
            client.suppressed = traits.suppressedRoles().contains(role);
            client.minimum = minimum == null ? books.defaultMinimum : books.minimum(minimum);
            books.clients.traitsChanged(client, minimum != null);
            books.constraints.constrain(
                    client, client.subscribed ? traits.constraints().get(role) : null);
            if (!client.subscribed) {
                books.dropRefusals(client);
            }
            books.refreshActive(client);
            books.holds.restart(client);
            books.wake(client);
            books.forgetIfIdle(client);
        }
    }

    void setActive(Framework framework, boolean active) {
        framework.active = active;
        framework.clients.values().forEach(books::refreshActive);
    }

    void disconnected(Framework framework) {
        setActive(framework, false);
        framework.clients.values().forEach(client -> {
            books.dropRefusals(client);
            client.allowance.reset();
            books.allowanceChanged(client);
        });
    }

    void removed(Framework framework) {
        setActive(framework, false);
        framework.removed = true;
        for (Client client : List.copyOf(framework.clients.values())) {
            client.subscribed = false;
            books.dropRefusals(client);
            books.forgetIfIdle(client);
        }
        if (framework.clients.isEmpty()) {
            books.frameworks.remove(framework.id);
        }
    }

    void suppressed(Framework framework, Collection<String> roles) {
        for (Client client : named(framework, roles)) {
            client.suppressed = true;
            books.refreshActive(client);
        }
    }

    void revived(Framework framework, Collection<String> roles) {
        for (Client client : named(framework, roles)) {
            client.suppressed = false;
            books.dropRefusals(client);
            client.allowance.revived();
            books.allowanceChanged(client);
            books.refreshActive(client);
            books.wake(client);
        }
    }

    private static List<Client> named(Framework framework, Collection<String> roles) {
        return framework.clients.values().stream()
                .filter(client -> client.subscribed && (roles.isEmpty() || roles.contains(client.role.name)))
                .toList();
    }
}
