package io.portolan.calico.ipam;

import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.IpamHandle;
import io.portolan.calico.model.ObjectNames;
import io.portolan.calico.model.Stored;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Releases addresses, those of a block with one write. Not for several threads. */
final class ReleaseBatch {
  private static final int ATTEMPTS = 100;

  private final IpamObjects objects;
  private final HandleWrites handles;
  private final InstantSource clock;
  private final Parallel parallel;

  ReleaseBatch(IpamObjects objects, HandleWrites handles, InstantSource clock, Parallel parallel) {
    this.objects = objects;
    this.handles = handles;
    this.clock = clock;
    this.parallel = parallel;
  }

  /**
   * @param resident blocks that need not be read
   * @param written is told of a block's new state; empty if it is gone
   */
  List<Optional<KubeFault>> release(
      List<ReleaseRequest> requests,
      IpamSettings settings,
      Map<Cidr, Stored<IpamBlock>> resident,
      BiConsumer<Cidr, Optional<Stored<IpamBlock>>> written) {
    List<Optional<KubeFault>> outcomes =
        new ArrayList<>(Collections.nCopies(requests.size(), Optional.empty()));
    Map<Cidr, List<Integer>> byBlock = new LinkedHashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      int index = i;
      switch (block(requests.get(i), settings, resident)) {
        case KubeResult.Failed<Optional<Cidr>>(KubeFault fault) ->
            outcomes.set(i, Optional.of(fault));
        case KubeResult.Ok<Optional<Cidr>>(Optional<Cidr> cidr) ->
            cidr.ifPresent(c -> byBlock.computeIfAbsent(c, _ -> new ArrayList<>()).add(index));
      }
    }
    byBlock.forEach((cidr, indexes) -> {
      List<ReleaseRequest> those = indexes.stream().map(requests::get).toList();
      Optional<KubeFault> fault =
          release(cidr, those, settings, Optional.ofNullable(resident.get(cidr)), written);
      indexes.forEach(index -> outcomes.set(index, fault));
    });
    return outcomes;
  }

  private KubeResult<Optional<Cidr>> block(
      ReleaseRequest request, IpamSettings settings, Map<Cidr, Stored<IpamBlock>> resident) {
    Optional<Cidr> own =
        resident.keySet().stream().filter(cidr -> cidr.contains(request.address())).findFirst();
    if (own.isPresent()) {
      return new KubeResult.Ok<>(own);
    }
    // A pool that is gone, or whose blocks had another size, still has addresses in use.
    return handles
        .find(request.handle())
        .map(handle ->
            handle
                .flatMap(h -> blockOf(h, request.address()))
                .or(() ->
                    settings
                        .pool(request.address())
                        .map(IpPool::blockSize)
                        .map(size -> Cidr.containing(request.address(), size))));
  }

  private static Optional<Cidr> blockOf(IpamHandle handle, IpAddress address) {
    return handle.blocks().keySet().stream().filter(cidr -> cidr.contains(address)).findFirst();
  }

  private Optional<KubeFault> release(
      Cidr cidr,
      List<ReleaseRequest> requests,
      IpamSettings settings,
      Optional<Stored<IpamBlock>> known,
      BiConsumer<Cidr, Optional<Stored<IpamBlock>>> written) {
    Optional<Stored<IpamBlock>> block = known;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (block.isEmpty()) {
        KubeResult<Stored<IpamBlock>> read = objects.get(Codecs.BLOCK, ObjectNames.block(cidr));
        block = read.toOptional();
        if (block.isEmpty()) {
          written.accept(cidr, block);
          Optional<KubeFault> fault =
              read.failure().filter(f -> f.kind() != KubeFault.Kind.NOT_FOUND);
          return fault.isPresent() ? fault : reduce(cidr, requests, Optional.empty());
        }
        written.accept(cidr, block);
      }
      IpamBlock before = block.get().value();
      BlockDraft draft = new BlockDraft(before);
      boolean changed = false;
      for (ReleaseRequest request : requests) {
        changed |=
            draft.release(
                    request.address(),
                    Optional.of(request.handle()),
                    request.sequence(),
                    clock.instant())
                == BlockDraft.Release.DONE;
      }
      if (!changed) {
        return reduce(cidr, requests, Optional.of(before));
      }
      draft.settle(settings.configuration().cooldown(), clock.instant());
      KubeResult<Stored<IpamBlock>> update = write(block.get(), draft.written());
      block = update.toOptional();
      Optional<KubeFault> fault = update.failure();
      if (fault.isEmpty()) {
        written.accept(cidr, block.filter(b -> !isLeftOver(b.value())));
        return reduce(cidr, requests, block.map(Stored::value));
      }
      switch (fault.get().kind()) {
        case CONFLICT, NOT_FOUND, UNAVAILABLE, ALREADY_EXISTS -> {}
        case EXPIRED, INVALID, DENIED, THROTTLED -> {
          return fault;
        }
      }
    }
    return Optional.of(KubeFaults.busy(cidr.toString()));
  }

  /** A block without owner goes with its last address. */
  private KubeResult<Stored<IpamBlock>> write(Stored<IpamBlock> before, IpamBlock next) {
    if (!isLeftOver(next)) {
      return objects.update(Codecs.BLOCK, before, next);
    }
    return objects.delete(Codecs.BLOCK, before).map(_ -> new Stored<>(next, before.origin()));
  }

  private static boolean isLeftOver(IpamBlock block) {
    return block.owner().isEmpty() && block.isEmpty();
  }

  private Optional<KubeFault> reduce(
      Cidr cidr, List<ReleaseRequest> requests, Optional<IpamBlock> block) {
    Set<String> ids = new LinkedHashSet<>();
    requests.forEach(request -> ids.add(request.handle()));
    return parallel
        .map(
            List.copyOf(ids),
            id -> handles.reduce(id, cidr, block.map(b -> b.addresses(id).size()).orElse(0)))
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }
}
