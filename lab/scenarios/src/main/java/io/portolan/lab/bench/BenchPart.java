package io.portolan.lab.bench;

/** What can be measured without the rest. Each fills sections of the page that no other fills. */
public enum BenchPart {
  /** CNI beside the standard plugins, the agent's start and memory. */
  NODE,

  /** EC2 calls, in virtual time. */
  CLOUD,

  /** Transactions of nftables. */
  NFTABLES,

  /** Policy: what changes cost, and what connections pay. */
  POLICY,

  /** How soon flows end that an edit of a policy denies. */
  CUTS,

  /** Pods that start while others send to them. */
  HOSTILE
}
