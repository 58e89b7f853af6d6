package io.portolan.common.pool;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.net.Cidr;
import java.util.List;
import java.util.stream.Collectors;

/** A plan as text: for people who ask why, and for tests that compare whole plans. */
public final class PoolExplain {
  private PoolExplain() {}

  /** The plan with its numbers, reasons, steps and conditions. */
  public static String text(PoolPlan plan) {
    StringBuilder out = new StringBuilder();
    PoolPlan.Counts counts = plan.counts();
    out.append("node ")
        .append(plan.node())
        .append(": supply ")
        .append(counts.supply())
        .append(", demand ")
        .append(counts.demand())
        .append(", target ")
        .append(counts.target())
        .append(", capacity ")
        .append(counts.capacity())
        .append('\n');
    plan.explanation().forEach(line -> out.append("  because ").append(line).append('\n'));
    plan.actions().forEach(action -> out.append("  ").append(line(action)).append('\n'));
    plan.conditions().forEach(condition -> out.append("  ").append(condition).append('\n'));
    plan.wakeAt().ifPresent(at -> out.append("  again at ").append(at).append('\n'));
    return out.toString();
  }

  /** The steps only, one per line. */
  public static String actions(PoolPlan plan) {
    return plan.actions().stream().map(a -> line(a) + "\n").collect(Collectors.joining());
  }

  /** One step in one line. */
  public static String line(PoolAction action) {
    return switch (action) {
      case PoolAction.InCloud inCloud -> line(inCloud.action());
      case PoolAction.MarkForRelease mark -> "mark " + cidrs(mark.cidrs());
      case PoolAction.TakeBack back -> "take-back " + cidrs(back.cidrs());
      case PoolAction.Withdraw withdraw -> "withdraw " + cidrs(withdraw.cidrs());
    };
  }

  /** One cloud action in one line. */
  public static String line(CloudAction action) {
    return switch (action) {
      case CloudAction.CreateInterface a ->
          "create in "
              + a.subnet()
              + (a.prefixes() > 0 ? " prefixes " + a.prefixes() : " addresses " + a.addresses());
      case CloudAction.AttachInterface a ->
          "attach " + a.interfaceId() + " at " + a.networkCard() + "/" + a.deviceIndex();
      case CloudAction.DeleteWithMachine a -> "delete-with-machine " + a.interfaceId();
      case CloudAction.AssignAddresses a -> "assign " + a.interfaceId() + " addresses " + a.count();
      case CloudAction.AssignPrefixes a -> "assign " + a.interfaceId() + " prefixes " + a.count();
      case CloudAction.Unassign a -> "unassign " + a.interfaceId() + " " + cidrs(a.cidrs());
      case CloudAction.DetachInterface a -> "detach " + a.interfaceId();
      case CloudAction.DeleteInterface a -> "delete " + a.interfaceId();
      case CloudAction.AssignNodeCidr a ->
          switch (a.request()) {
            case CloudAction.NodeCidrRequest.Exactly exactly -> "route " + exactly.cidr();
            case CloudAction.NodeCidrRequest.AnyOf any ->
                "route a /" + any.prefixLength() + " of " + any.range();
          };
      case CloudAction.ReleaseNodeCidr a -> "unroute " + a.cidr();
    };
  }

  private static String cidrs(List<Cidr> cidrs) {
    return cidrs.stream().map(Cidr::toString).collect(Collectors.joining(","));
  }
}
