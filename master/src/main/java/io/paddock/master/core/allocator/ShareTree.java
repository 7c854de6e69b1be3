package io.paddock.master.core.allocator;

/**
 * Who comes next by dominant resource fairness: at every level of the role tree the child with the smallest weighted share,
 * down to a framework.
 *
 * <p>A charge moves one child a level to its new place: a binary search and a shift. A change of the cluster's total, of a
 * weight or of the excluded scalars changes all shares at once; then the order is void until the next look sorts the tree,
 * so that a burst of new agents costs one sort.
 */
final class ShareTree {
    final Node root = new Node("", null, -1);

    private final Bits excluded;
    private long[] total = new long[4];
    private boolean sorted = true;

    ShareTree(Bits excluded) {
        this.excluded = excluded;
    }

    void totalChanged(long[] amounts, int sign) {
        if (!Quantities.isEmpty(amounts)) {
            total = Quantities.add(total, amounts, sign);
            sorted = false;
        }
    }

    void setWeight(Node node, double weight) {
        node.weight = weight;
        sorted = false;
    }

    /** A client got ({@code sign} 1) or gave back (-1) these amounts. */
    void charge(Node leaf, long[] amounts, int sign) {
        for (Node node = leaf; node != null; node = node.parent) {
            Node parent = node.parent;
            if (!sorted || parent == null || !node.isListed()) {
                node.add(amounts, sign);
                node.computeShare(total, excluded);
            } else {
                int place = parent.placeOf(node);
                node.add(amounts, sign);
                node.computeShare(total, excluded);
                parent.move(node, place);
            }
        }
    }

    /** A client takes part from now on, or no longer. */
    void setActive(Node leaf, boolean active) {
        for (Node node = leaf; node.parent != null; node = node.parent) {
            if (node.activeClientsChanged(active ? 1 : -1)) {
                if (active) {
                    node.computeShare(total, excluded);
                    node.parent.list(node);
                } else {
                    node.parent.strike(node);
                }
            }
        }
    }

    double share(Node node) {
        node.computeShare(total, excluded);
        return node.share;
    }

    /** What to do with a client that comes next. */
    interface Visitor {
        /** @return true to stop: it was charged, the order has changed */
        boolean visit(int client);
    }

    /** Shows the visitor the clients among {@code candidates} in order, taking each out, until it stops. */
    boolean visitInOrder(Bits candidates, Visitor visitor) {
        if (!sorted) {
            root.sort(total, excluded);
            sorted = true;
        }
        return visit(root, candidates, visitor);
    }

    private static boolean visit(Node node, Bits candidates, Visitor visitor) {
        for (int i = 0; i < node.size(); i++) {
            Node child = node.child(i);
            if (child.client < 0) {
                if (visit(child, candidates, visitor)) {
                    return true;
                }
            } else if (candidates.get(child.client)) {
                candidates.clear(child.client);
                if (visitor.visit(child.client)) {
                    return true;
                }
            }
        }
        return false;
    }
}
