package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.IpamBlock;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class BlockDraftTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final IpamBlock EMPTY =
      IpamBlock.claimed(Cidr.parse("10.0.0.0/29"), AffinityOwner.node("n1"), NOW, 100);

  private static AllocationAttributes pod(String name) {
    return AllocationAttributes.of("net." + name, Map.of(AllocationAttributes.POD, name));
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  private static String shown(IpamBlock block) {
    StringBuilder text = new StringBuilder("#" + block.sequence());
    for (int i = 0; i < block.size(); i++) {
      int ordinal = i;
      block
          .attributes(ordinal)
          .ifPresent(a ->
              text.append(" ")
                  .append(ordinal)
                  .append("=")
                  .append(a.handle().orElse("resting"))
                  .append("@")
                  .append(block.sequence(ordinal)));
    }
    return text + " free " + block.unallocated() + " attributes " + block.attributes().size();
  }

  private static final Reservations NONE = Reservations.NONE;

  @Test
  void ordinalsLeaveAtTheHeadAndComeBackAtTheTail() {
    BlockDraft draft = new BlockDraft(EMPTY);
    assertEquals(List.of(ip("10.0.0.0"), ip("10.0.0.1")), draft.assign(2, pod("a"), NONE));
    assertEquals(List.of(ip("10.0.0.2")), draft.assign(1, pod("b"), NONE));
    IpamBlock first = draft.written();
    assertEquals(
        "#101 0=net.a@100 1=net.a@100 2=net.b@100 free [3, 4, 5, 6, 7] attributes 2", shown(first));
    BlockDraft second = new BlockDraft(first);
    assertEquals(2, second.releaseHandle("net.a", NOW));
    second.settle(Duration.ZERO, NOW);
    assertEquals(List.of(ip("10.0.0.3")), second.assign(1, pod("c"), NONE));
    assertEquals(
        "#102 2=net.b@100 3=net.c@101 free [4, 5, 6, 7, 0, 1] attributes 2",
        shown(second.written()));
  }

  @Test
  void reservedOrdinalsKeepTheirPlace() {
    BlockDraft draft = new BlockDraft(EMPTY);
    Reservations reserved =
        new Reservations(List.of(Cidr.parse("10.0.0.0/31"), Cidr.parse("10.0.0.3/32")));
    assertEquals(5, draft.free(reserved));
    assertEquals(List.of(ip("10.0.0.2"), ip("10.0.0.4")), draft.assign(2, pod("a"), reserved));
    assertEquals(
        "#101 2=net.a@100 4=net.a@100 free [0, 1, 3, 5, 6, 7] attributes 1",
        shown(draft.written()));
  }

  @Test
  void aReleasedAddressRestsForTheCooldown() {
    BlockDraft draft = new BlockDraft(EMPTY);
    draft.assign(1, pod("a"), NONE);
    BlockDraft released = new BlockDraft(draft.written());
    assertEquals(
        BlockDraft.Release.DONE,
        released.release(ip("10.0.0.0"), Optional.of("net.a"), OptionalLong.of(100), NOW));
    Duration cooldown = Duration.ofSeconds(30);
    released.settle(cooldown, NOW);
    IpamBlock resting = released.written();
    assertEquals(
        "#102 0=resting@101 free [1, 2, 3, 4, 5, 6, 7] attributes 1 held [] empty false",
        shown(resting) + " held " + resting.held() + " empty " + resting.isEmpty());
    BlockDraft later = new BlockDraft(resting);
    later.settle(cooldown, NOW.plusSeconds(30));
    assertEquals("#102 0=resting@101 free [1, 2, 3, 4, 5, 6, 7] attributes 1", shown(later.read()));
    later.settle(cooldown, NOW.plusSeconds(31));
    assertEquals("#102 free [1, 2, 3, 4, 5, 6, 7, 0] attributes 0", shown(later.read()));
  }

  /** The address was released and assigned again since the caller looked. */
  @Test
  void aReleaseOfAnotherAllocationIsRefused() {
    BlockDraft draft = new BlockDraft(EMPTY);
    draft.assign(ip("10.0.0.5"), pod("a"));
    BlockDraft released = new BlockDraft(draft.written());
    released.releaseHandle("net.a", NOW);
    released.settle(Duration.ZERO, NOW);
    BlockDraft again = new BlockDraft(released.written());
    assertEquals(true, again.assign(ip("10.0.0.5"), pod("a")));
    assertEquals(false, again.assign(ip("10.0.0.5"), pod("b")));
    IpamBlock now = again.written();
    assertEquals("#103 5=net.a@102 free [0, 1, 2, 3, 4, 6, 7] attributes 1", shown(now));
    BlockDraft late = new BlockDraft(now);
    assertEquals(
        "CHANGED CHANGED NOT_HELD DONE",
        late.release(ip("10.0.0.5"), Optional.of("net.a"), OptionalLong.of(100), NOW)
            + " "
            + late.release(ip("10.0.0.5"), Optional.of("net.b"), OptionalLong.of(102), NOW)
            + " "
            + late.release(ip("10.0.0.6"), Optional.empty(), OptionalLong.empty(), NOW)
            + " "
            + late.release(ip("10.0.0.5"), Optional.of("net.a"), OptionalLong.of(102), NOW));
  }

  @Test
  void anAddressCanChangeHandsWithoutARelease() {
    BlockDraft draft = new BlockDraft(EMPTY);
    draft.assign(2, pod("stock"), NONE);
    BlockDraft next = new BlockDraft(draft.written());
    assertEquals(true, next.transfer(ip("10.0.0.1"), "net.stock", pod("a")));
    assertEquals(false, next.transfer(ip("10.0.0.1"), "net.stock", pod("b")));
    next.settle(Duration.ZERO, NOW);
    assertEquals(
        "#102 0=net.stock@100 1=net.a@101 free [2, 3, 4, 5, 6, 7] attributes 2",
        shown(next.written()));
  }
}
