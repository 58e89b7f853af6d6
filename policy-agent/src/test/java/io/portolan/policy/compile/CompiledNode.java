package io.portolan.policy.compile;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.util.List;

/** A compiler with its table. */
final class CompiledNode {
  final DesiredTable table = new DesiredTable();
  final PolicyCompiler compiler = new PolicyCompiler(table);

  CompiledNode feed(List<ClusterChange> changes) {
    changes.forEach(compiler::apply);
    compiler.settle();
    return this;
  }

  /** The whole table as a script. */
  String text() {
    return TableDiff.rebuild(Skeleton.TABLE, table.image()).toString();
  }
}
