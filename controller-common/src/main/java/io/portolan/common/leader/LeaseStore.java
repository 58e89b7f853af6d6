package io.portolan.common.leader;

import io.portolan.common.kube.KubeResult;

/** The one Lease that is fought over. */
public interface LeaseStore {
  /** {@link LeaseRecord#NONE} if it does not exist. */
  KubeResult<LeaseRecord> read();

  /**
   * Compare-and-swap on {@link LeaseRecord#version}: creates the Lease if that is empty.
   *
   * @return the record with its new version, or a conflict
   */
  KubeResult<LeaseRecord> write(LeaseRecord record);
}
