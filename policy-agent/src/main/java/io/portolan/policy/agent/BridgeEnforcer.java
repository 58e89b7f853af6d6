package io.portolan.policy.agent;

import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlException;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.policy.nft.BridgeTable;
import io.portolan.policy.nft.BridgedPods;
import io.portolan.policy.nft.TableDiff;
import io.portolan.policy.nft.TableImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link BridgeTable} in the kernel in step with the pods that hang on bridges. What a former
 * run left stays until all pods are known; closing leaves the table in place.
 */
public final class BridgeEnforcer implements Consumer<List<BridgedPods>>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeEnforcer.class);

  private final NftTables tables;
  private final BooleanSupplier netfilter;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("bridges").daemon().factory());

  /** Empty until all pods are known. */
  private final AtomicReference<Optional<List<BridgedPods>>> desired =
      new AtomicReference<>(Optional.empty());

  /** Owned by the thread: what it last committed; empty if that is not known. */
  private Optional<TableImage> committed = Optional.empty();

  /** Written by the thread. */
  private volatile String problem = "";

  private BridgeEnforcer(NftTables tables, BooleanSupplier netfilter) {
    this.tables = tables;
    this.netfilter = netfilter;
  }

  /**
   * @param tables a socket of its own in the node's network namespace
   * @param netfilter whether bridges hand what they forward to netfilter by themselves
   * @param auditInterval how often the table is read back and put right
   */
  public static BridgeEnforcer start(
      NftTables tables, BooleanSupplier netfilter, Duration auditInterval) {
    BridgeEnforcer started = new BridgeEnforcer(tables, netfilter);
    long millis = auditInterval.toMillis();
    var _ =
        started.thread.scheduleAtFixedRate(started::audit, millis, millis, TimeUnit.MILLISECONDS);
    return started;
  }

  /** Whether br_netfilter is there and switched on in the namespace of the calling thread. */
  public static boolean isNetfilterOn() {
    try {
      return isOn("bridge-nf-call-iptables") && isOn("bridge-nf-call-ip6tables");
    } catch (SysctlException e) {
      return false;
    }
  }

  private static boolean isOn(String setting) {
    return !Sysctl.read(SysctlKey.of("bridge", setting)).equals("0");
  }

  @Override
  public void accept(List<BridgedPods> bridges) {
    desired.set(Optional.of(bridges));
    thread.execute(this::reconcile);
  }

  /** Why pods of one bridge reach each other past their policies; empty if they do not. */
  public Optional<String> problem() {
    return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
  }

  private void audit() {
    committed = Optional.empty();
    reconcile();
  }

  private void reconcile() {
    Optional<List<BridgedPods>> bridges = desired.get();
    if (bridges.isEmpty()) {
      return;
    }
    try {
      TableImage next = BridgeTable.of(bridges.get());
      NftTransaction change = difference(next);
      if (!change.isEmpty()) {
        tables.commit(change).orThrow();
      }
      committed = Optional.of(next);
      problem = "";
    } catch (RuntimeException e) {
      committed = Optional.empty();
      String told = problem(bridges.get(), e);
      if (!told.equals(problem)) {
        LOG.error("{}", told.isEmpty() ? "br_netfilter polices what is bridged: " + e : told);
      }
      problem = told;
    }
  }

  private NftTransaction difference(TableImage next) {
    if (committed.isPresent() && !isEmpty(next) && !isEmpty(committed.get())) {
      return TableDiff.between(BridgeTable.TABLE, committed.get(), next);
    }
    Optional<NftListing> found = tables.read(BridgeTable.TABLE);
    if (isEmpty(next)) {
      return found.isEmpty()
          ? NftTransaction.on(BridgeTable.TABLE).build()
          : NftTransaction.on(BridgeTable.TABLE).destroyTable().build();
    }
    return found
        .filter(listing -> listing.table().comment().equals(BridgeTable.TABLE.comment()))
        .filter(listing -> listing.foreign().isEmpty())
        .map(Enforcer::image)
        .filter(image -> TableDiff.reachable(image, next))
        .map(image -> TableDiff.between(BridgeTable.TABLE, image, next))
        .orElseGet(() -> TableDiff.rebuild(BridgeTable.TABLE, next));
  }

  private static boolean isEmpty(TableImage image) {
    return image.chains().isEmpty();
  }

  private String problem(List<BridgedPods> bridges, RuntimeException cause) {
    if (bridges.isEmpty() || netfilter.getAsBoolean()) {
      return "";
    }
    return ("pods on %s reach each other past their policies: the kernel refuses the table of"
            + " bridges (%s); load br_netfilter and set net.bridge.bridge-nf-call-iptables and"
            + " bridge-nf-call-ip6tables to 1")
        .formatted(names(bridges), cause.getMessage());
  }

  private static String names(List<BridgedPods> bridges) {
    return bridges.stream().map(BridgedPods::bridge).collect(Collectors.joining(", "));
  }

  /** Stops the thread; the table stays in the kernel. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      var _ = thread.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
