package io.portolan.calico.ipam;

import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.Stored;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Requests that are served together, and how far each has come. Not for several threads. */
final class AssignBatch {
  private final List<Slot> slots = new ArrayList<>();

  AssignBatch(List<AssignRequest> requests) {
    requests.forEach(request -> slots.add(new Slot(request)));
  }

  /** One request. */
  static final class Slot {
    private final AssignRequest request;
    private List<IpPool> pools = List.of();
    private @Nullable AssignOutcome outcome;

    private Slot(AssignRequest request) {
      this.request = request;
    }

    AssignRequest request() {
      return request;
    }

    boolean isDone() {
      return outcome != null;
    }

    /** The pools it may be served from, in order; after {@link #select}. */
    List<IpPool> pools() {
      return pools;
    }

    /** Finds the pools; refused if there are none. */
    void select(IpamSettings settings) {
      if (!pools.isEmpty()) {
        return;
      }
      if (request.address().isPresent()) {
        selectFixed(request.address().get(), settings);
        return;
      }
      PoolSelection.Request selection =
          new PoolSelection.Request(
              request.family(),
              request.use(),
              request.pools(),
              settings.labels(),
              request.namespace());
      switch (PoolSelection.select(selection, settings.pools())) {
        case PoolSelection.Outcome.Pools(List<IpPool> selected) -> pools = selected;
        case PoolSelection.Outcome.Refused(String reason) -> refused(reason);
      }
    }

    private void selectFixed(IpAddress address, IpamSettings settings) {
      pools =
          settings.pools().stream()
              .filter(IpPool::isEnabled)
              .filter(pool -> pool.cidr().contains(address))
              .filter(pool -> pool.uses().contains(request.use()))
              .toList();
      if (pools.isEmpty()) {
        refused(
            address
                + " was asked for, but no enabled pool that allows the use "
                + request.use().text()
                + " has it; see 'portolan ipam show'");
      }
    }

    /** How many addresses of a block the handle has once this one is assigned. */
    int countIn(Stored<IpamBlock> block) {
      return block.value().addresses(request.handle()).size() + 1;
    }

    /** Whether the block says that the handle has an address of the request's family. */
    boolean isIn(IpamBlock block) {
      return !isDone() && ordinal(block) >= 0;
    }

    /** Takes the address that the block says the handle has, if it does. */
    void adopt(IpamBlock block) {
      int ordinal = isDone() ? -1 : ordinal(block);
      if (ordinal >= 0) {
        assigned(block.address(ordinal), block.cidr(), block.sequence(ordinal));
      }
    }

    /** Of the address; -1 for none. */
    private int ordinal(IpamBlock block) {
      if (block.cidr().family() != request.family()) {
        return -1;
      }
      for (int index = 0; index < block.attributes().size(); index++) {
        if (block
            .attributes()
            .get(index)
            .cleanHandle()
            .filter(request.handle()::equals)
            .isPresent()) {
          return block.allocations().indexOf(index);
        }
      }
      return -1;
    }

    void assigned(IpAddress address, Cidr block, long sequence) {
      outcome = new AssignOutcome.Assigned(address, block, sequence);
    }

    void refused(String reason) {
      outcome = new AssignOutcome.Refused(reason);
    }

    void unavailable(KubeFault fault) {
      outcome = new AssignOutcome.Unavailable(fault);
    }
  }

  /** Those without an outcome. */
  List<Slot> open() {
    return slots.stream().filter(slot -> !slot.isDone()).toList();
  }

  /** One for each request, in order; none may be open. */
  List<AssignOutcome> outcomes() {
    return slots.stream().map(slot -> Objects.requireNonNull(slot.outcome)).toList();
  }
}
