package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.BlockAffinity.State;
import io.portolan.calico.model.IpamBlock;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ClaimProtocolTest {
  private static final Cidr CIDR = Cidr.parse("10.0.0.0/29");
  private static final AffinityOwner ME = AffinityOwner.node("me");
  private static final IpamBlock MINE = IpamBlock.claimed(CIDR, ME, Instant.EPOCH, 1);
  private static final IpamBlock OTHERS =
      IpamBlock.claimed(CIDR, AffinityOwner.node("other"), Instant.EPOCH, 1);

  private static IpamBlock used() {
    BlockDraft draft = new BlockDraft(MINE);
    draft.assign(1, AllocationAttributes.of("h", Map.of()), Reservations.NONE);
    return draft.written();
  }

  private static IpamBlock nobodys() {
    BlockDraft draft = new BlockDraft(used());
    draft.disown();
    return draft.written();
  }

  private static List<String> table(List<Optional<IpamBlock>> blocks, Step step) {
    List<String> lines = new ArrayList<>();
    List<Optional<State>> states = new ArrayList<>(List.of(Optional.empty()));
    for (State state : State.values()) {
      states.add(Optional.of(state));
    }
    for (Optional<State> state : states) {
      StringBuilder line = new StringBuilder(state.map(State::name).orElse("none") + ":");
      for (Optional<IpamBlock> block : blocks) {
        line.append(" ")
            .append(step.next(state.map(s -> new BlockAffinity(ME, CIDR, s, false)), block));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private interface Step {
    Enum<?> next(Optional<BlockAffinity> affinity, Optional<IpamBlock> block);
  }

  @Test
  void theNextStepOfAClaimFromEveryState() {
    List<Optional<IpamBlock>> blocks =
        List.of(Optional.empty(), Optional.of(MINE), Optional.of(OTHERS), Optional.of(nobodys()));
    assertEquals(
        """
        none: CREATE_AFFINITY CREATE_AFFINITY LOST LOST
        PENDING: CREATE_BLOCK TOUCH_BLOCK DELETE_AFFINITY DELETE_AFFINITY
        CONFIRMED: MARK_PENDING DONE DELETE_AFFINITY DELETE_AFFINITY
        PENDING_DELETION: MARK_PENDING MARK_PENDING DELETE_AFFINITY DELETE_AFFINITY\
        """,
        String.join("\n", table(blocks, (a, b) -> ClaimProtocol.claim(ME, a, b, false))));
    assertEquals(
        ClaimProtocol.Claim.CONFIRM,
        ClaimProtocol.claim(
            ME, Optional.of(BlockAffinity.pending(ME, CIDR)), Optional.of(MINE), true));
  }

  @Test
  void theNextStepOfAReleaseFromEveryState() {
    List<Optional<IpamBlock>> blocks =
        List.of(Optional.empty(), Optional.of(MINE), Optional.of(used()), Optional.of(OTHERS));
    assertEquals(
        """
        none: DONE DELETE_BLOCK IN_USE DONE
        PENDING: DELETE_AFFINITY MARK_DELETION IN_USE DELETE_AFFINITY
        CONFIRMED: DELETE_AFFINITY MARK_DELETION IN_USE DELETE_AFFINITY
        PENDING_DELETION: DELETE_AFFINITY DELETE_BLOCK CONFIRM_AGAIN DELETE_AFFINITY\
        """,
        String.join("\n", table(blocks, (a, b) -> ClaimProtocol.release(ME, a, b, true))));
    assertEquals(
        """
        none: DONE DELETE_BLOCK DISOWN_BLOCK DONE
        PENDING: DELETE_AFFINITY MARK_DELETION MARK_DELETION DELETE_AFFINITY
        CONFIRMED: DELETE_AFFINITY MARK_DELETION MARK_DELETION DELETE_AFFINITY
        PENDING_DELETION: DELETE_AFFINITY DELETE_BLOCK DISOWN_BLOCK DELETE_AFFINITY\
        """,
        String.join("\n", table(blocks, (a, b) -> ClaimProtocol.release(ME, a, b, false))));
  }
}
