package io.portolan.policy.agent;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftVerdict;
import java.util.List;
import java.util.stream.Stream;

/** What a command that the kernel refused was about. */
final class Suspects {
  private Suspects() {}

  /** Names of the chains and sets that the command changes or leads to; none for whole tables. */
  static List<String> of(NftCommand command) {
    return switch (command) {
      case NftCommand.AddTable _, NftCommand.DeleteTable _, NftCommand.DestroyTable _ -> List.of();
      case NftCommand.AddCounter _, NftCommand.DeleteCounter _ -> List.of();
      case NftCommand.AddChain c -> List.of(c.chain().name());
      case NftCommand.FlushChain c -> List.of(c.chain());
      case NftCommand.DeleteChain c -> List.of(c.chain());
      case NftCommand.DestroyChain c -> List.of(c.chain());
      case NftCommand.AddRule c -> List.of(c.chain());
      case NftCommand.InsertRule c -> List.of(c.chain());
      case NftCommand.AddRuleAfter c -> List.of(c.chain());
      case NftCommand.InsertRuleBefore c -> List.of(c.chain());
      case NftCommand.ReplaceRule c -> List.of(c.chain());
      case NftCommand.DeleteRule c -> List.of(c.chain());
      case NftCommand.AddSet c -> List.of(c.set().name());
      case NftCommand.FlushSet c -> List.of(c.set());
      case NftCommand.DeleteSet c -> List.of(c.set());
      case NftCommand.AddElements(NftSet set, List<NftElement> elements) -> of(set, elements);
      case NftCommand.CreateElements(NftSet set, List<NftElement> elements) -> of(set, elements);
      case NftCommand.DeleteElements c -> List.of(c.set().name());
    };
  }

  /**
   * Of a verdict map, the chains its elements lead to: jumps that nest too deep are found there.
   */
  private static List<String> of(NftSet set, List<NftElement> elements) {
    Stream<String> targets =
        elements.stream()
            .flatMap(element -> element.data().stream())
            .flatMap(data ->
                switch (data) {
                  case NftVerdict.Jump(String target) -> Stream.of(target);
                  case NftVerdict.Goto(String target) -> Stream.of(target);
                  default -> Stream.of();
                });
    return Stream.concat(Stream.of(set.name()), targets).distinct().toList();
  }
}
