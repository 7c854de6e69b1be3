package io.paddock.simulation;

import java.time.Duration;
import java.util.List;

/** Makes trouble at random intervals, until it is told to stop. */
final class Faults {
    private final World world;
    private final Network network;
    private final Election election;
    private final List<MasterNode> masters;
    private final List<AgentNode> agents;
    private final List<? extends FrameworkNode> frameworks;
    private final Operator operator;
    private final Duration pace;
    private boolean over;

    /** @param pace about how long it is quiet between two faults */
    Faults(
            World world,
            Network network,
            Election election,
            List<MasterNode> masters,
            List<AgentNode> agents,
            List<? extends FrameworkNode> frameworks,
            Operator operator,
            Duration pace) {
        this.operator = operator;
        this.world = world;
        this.network = network;
        this.election = election;
        this.masters = masters;
        this.agents = agents;
        this.frameworks = frameworks;
        this.pace = pace;
    }

    void begin() {
        world.after(world.between(0, 2 * pace.toMillis()), () -> {
            if (!over) {
                strike();
                begin();
            }
        });
    }

    void end() {
        over = true;
        network.heal();
    }

    private <T> T any(List<T> list) {
        return list.get(world.random.nextInt(list.size()));
    }

    private void strike() {
        int dice = world.random.nextInt(100);
        if (dice < 25) {
            List<Wire> wires = network.openWires();
            if (!wires.isEmpty()) {
                network.breakDown(any(wires));
            }
        } else if (dice < 40) {
            network.partition(any(agents), any(masters), world.between(1000, 120_000));
        } else if (dice < 48) {
            network.partition(any(frameworks), any(masters), world.between(1000, 60_000));
        } else if (dice < 62) {
            crash(any(agents), 60_000);
        } else if (dice < 67) {
            AgentNode agent = any(agents);
            agent.crash("its machine reboots");
            agent.machine.reboot();
            agent.restartAfter(world.between(2000, 60_000));
        } else if (dice < 75) {
            crash(any(masters), 20_000);
        } else if (dice < 79) {
            election.depose();
        } else if (dice < 83) {
            operator.drain(any(agents));
        } else if (dice < 85) {
            operator.markGone(any(agents));
        } else if (dice < 88) {
            operator.maintain(any(agents));
        } else if (dice < 90) {
            operator.bound(any(frameworks).name);
        } else if (dice < 94) {
            crash(any(frameworks), 30_000);
        } else {
            any(agents).machine.killSomething(world.random);
        }
    }

    private void crash(Node node, long mostMillis) {
        if (node.isUp()) {
            node.crash("killed");
            node.restartAfter(world.between(200, mostMillis));
        }
    }
}
