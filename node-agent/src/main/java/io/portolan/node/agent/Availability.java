package io.portolan.node.agent;

import io.portolan.node.cni.CniError;
import io.portolan.node.cni.CniErrorCode;
import io.portolan.node.ipam.PoolView;
import io.portolan.node.ipam.Supply;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether ADD can be served, as STATUS answers it; asked anew each time, so it recovers by itself.
 *
 * <p>An empty pool is no reason to say no: it is filled when pods come, and none would come to a
 * node that says it is not ready.
 */
final class Availability {
  private final Path stateDirectory;
  private final Supplier<Supply> supply;
  private final Supplier<PoolView> pool;
  private final Supplier<Optional<String>> diskProblem;
  private final Supplier<Optional<String>> policyProblem;

  /**
   * @param diskProblem why nothing can be written to {@code stateDirectory}; empty if it can
   * @param policyProblem why policy is not in force as it should; empty if it is
   */
  Availability(
      Path stateDirectory,
      Supplier<Supply> supply,
      Supplier<PoolView> pool,
      Supplier<Optional<String>> diskProblem,
      Supplier<Optional<String>> policyProblem) {
    this.stateDirectory = stateDirectory;
    this.supply = supply;
    this.pool = pool;
    this.diskProblem = diskProblem;
    this.policyProblem = policyProblem;
  }

  /** Why there are no addresses at all; empty if there are. */
  Optional<String> unsupplied() {
    Supply current = supply.get();
    return current.interfaces().isEmpty() && current.nodeCidrs().isEmpty()
        ? Optional.of("the cloud has not given this node any interface or block yet")
        : Optional.empty();
  }

  /**
   * Why ADD cannot be served; empty if it can. Code 51 where running pods suffer too, because the
   * cloud no longer routes their addresses here, else 50.
   */
  Optional<CniError> problem() {
    CniErrorCode code =
        pool.get().orphans().isEmpty()
            ? CniErrorCode.NOT_AVAILABLE
            : CniErrorCode.LIMITED_CONNECTIVITY;
    return unsupplied()
        .map(why -> new CniError(code, why))
        .or(() -> diskProblem.get().map(why -> unwritable(code, why)))
        .or(() ->
            policyProblem.get().map(why -> new CniError(code, "policy is not in force", why)));
  }

  private CniError unwritable(CniErrorCode code, String why) {
    return new CniError(
        code,
        "the node agent cannot write to " + stateDirectory + ": " + why,
        "free space there, or mount it writable again; running pods are not affected");
  }
}
