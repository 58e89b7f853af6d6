package io.portolan.policy.compile;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A compiler with its table. */
final class CompiledNode {
  final DesiredTable table = new DesiredTable();
  final PolicyCompiler compiler;

  CompiledNode() {
    this(PortDispatch.Limits.DEFAULT);
  }

  CompiledNode(PortDispatch.Limits limits) {
    compiler = new PolicyCompiler(table, Reporting.NONE, limits);
  }

  /** Such that few policies are wide enough, in every way; every other time the real limits. */
  static PortDispatch.Limits limits(Random random) {
    return random.nextBoolean()
        ? PortDispatch.Limits.DEFAULT
        : new PortDispatch.Limits(
            1 + random.nextInt(3), 1 + random.nextInt(4), 1 + random.nextInt(3));
  }

  CompiledNode feed(List<ClusterChange> changes) {
    changes.forEach(compiler::apply);
    compiler.settle();
    return this;
  }

  /**
   * Comes from one state to another in steps of any order, with compilations and commits between
   * them as they happen.
   */
  void wander(List<ClusterChange> from, List<ClusterChange> to, Random random) {
    List<ClusterChange> steps = new ArrayList<>(Removals.between(from, to));
    steps.addAll(to);
    Collections.shuffle(steps, random);
    for (ClusterChange step : steps) {
      compiler.apply(step);
      if (random.nextInt(4) == 0) {
        compiler.settle();
      }
      if (random.nextInt(10) == 0) {
        table.committed();
      }
    }
    // A pod wired before its predecessor's end was heard of pushed that one out for good.
    feed(to);
  }

  /** The whole table as a script. */
  String text() {
    return TableDiff.rebuild(Skeleton.TABLE, table.image()).toString();
  }
}
