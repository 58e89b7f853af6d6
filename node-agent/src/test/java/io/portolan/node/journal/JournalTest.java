package io.portolan.node.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path directory;

  private static AttachmentId id(int i) {
    return new AttachmentId("portolan", "container-" + i, "eth0");
  }

  private static List<JournalRecord> life(int i) {
    return List.of(
        new JournalRecord.Reserved(
            new Attachment(
                id(i),
                i % 2 == 0
                    ? Optional.of(new PodIdentity("default", "wéb-" + i, "uid-" + i))
                    : Optional.empty(),
                "/run/netns/n" + i,
                "eni" + i,
                List.of(IpAddress.parse("10.0.0." + i), IpAddress.parse("2001:db8::" + i)))),
        new JournalRecord.Attached(id(i)),
        new JournalRecord.Detaching(id(i)),
        new JournalRecord.Cooling(IpAddress.parse("10.0.0." + i), Instant.ofEpochMilli(1000L * i)),
        new JournalRecord.Released(id(i)));
  }

  private static List<JournalRecord> lives(int count) {
    List<JournalRecord> records = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      records.addAll(life(i));
    }
    return records;
  }

  private List<JournalRecord> reopened() throws IOException {
    try (Journal journal = Journal.open(directory)) {
      assertThat(journal.isFirst()).isFalse();
      return journal.recovered();
    }
  }

  @Test
  void givesBackWhatWasAppended() throws Exception {
    try (Journal journal = Journal.open(directory)) {
      assertThat(journal.recovered()).isEmpty();
      assertThat(journal.isFirst()).isTrue();
      for (int i = 1; i <= 4; i++) {
        journal.append(life(i));
        journal.sync().get(10, TimeUnit.SECONDS);
      }
    }
    assertThat(reopened()).isEqualTo(lives(4));
  }

  @Test
  void losesAtMostTheUnfinishedRecordWhereverAWriteIsCutShort() throws Exception {
    try (Journal journal = Journal.open(directory)) {
      journal.append(lives(2));
      journal.sync().get(10, TimeUnit.SECONDS);
    }
    Path file = directory.resolve("attachments.journal");
    byte[] whole = Files.readAllBytes(file);
    int before = 0;
    for (int cut = 0; cut <= whole.length; cut++) {
      Files.write(file, Arrays.copyOf(whole, cut));
      List<JournalRecord> found;
      try (Journal journal = Journal.open(directory)) {
        found = journal.recovered();
        journal.append(life(9));
        journal.sync().get(10, TimeUnit.SECONDS);
      }
      assertThat(found).as("cut at byte %d", cut).isEqualTo(lives(2).subList(0, found.size()));
      assertThat(found.size()).isBetween(before, before + 1);
      before = found.size();
      List<JournalRecord> continued = new ArrayList<>(found);
      continued.addAll(life(9));
      assertThat(reopened()).as("appended after cut %d", cut).isEqualTo(continued);
    }
    assertThat(before).isEqualTo(lives(2).size());
  }

  @Test
  void stopsAtADamagedByteRatherThanBelieveIt() throws Exception {
    try (Journal journal = Journal.open(directory)) {
      journal.append(lives(2));
      journal.sync().get(10, TimeUnit.SECONDS);
    }
    Path file = directory.resolve("attachments.journal");
    byte[] whole = Files.readAllBytes(file);
    for (int at = 8; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x40;
      Files.write(file, damaged);
      List<JournalRecord> found = reopened();
      assertThat(found).as("byte %d", at).isEqualTo(lives(2).subList(0, found.size()));
      assertThat(found.size()).isLessThan(lives(2).size());
    }
  }

  @Test
  void keepsOnlyTheLiveRecordsWhenCompactedAndGoesOn() throws Exception {
    List<CompletableFuture<Void>> promises = new ArrayList<>();
    try (Journal journal = Journal.open(directory)) {
      for (int round = 0; round < 50; round++) {
        journal.append(lives(2));
        promises.add(journal.sync());
        journal.compact(life(1).subList(0, 2));
        journal.append(life(2));
        promises.add(journal.sync());
      }
      for (CompletableFuture<Void> promise : promises) {
        promise.get(10, TimeUnit.SECONDS);
      }
    }
    List<JournalRecord> expected = new ArrayList<>(life(1).subList(0, 2));
    expected.addAll(life(2));
    assertThat(reopened()).isEqualTo(expected);
  }

  @Test
  void ignoresACompactionThatDidNotFinish() throws Exception {
    try (Journal journal = Journal.open(directory)) {
      journal.append(life(1));
      journal.sync().get(10, TimeUnit.SECONDS);
    }
    Files.write(directory.resolve("attachments.journal.new"), new byte[] {1, 2, 3});
    assertThat(reopened()).isEqualTo(life(1));
    assertThat(directory.resolve("attachments.journal.new")).doesNotExist();
  }

  @Test
  void refusesASecondAgentOnTheSameDirectory() throws Exception {
    try (Journal journal = Journal.open(directory)) {
      assertThat(journal.length()).isPositive();
      assertThatThrownBy(() -> Journal.open(directory))
          .isInstanceOf(IOException.class)
          .hasMessage("another node agent uses " + directory);
    }
    assertThat(reopened()).isEmpty();
  }

  @Test
  void leavesAFileItDoesNotUnderstandAsItIs() throws Exception {
    Path file = directory.resolve("attachments.journal");
    Files.writeString(file, "PTLNJNL\u0002from the future");
    assertThatThrownBy(() -> Journal.open(directory)).hasMessageContaining("not of this version");
    assertThat(Files.readString(file)).isEqualTo("PTLNJNL\u0002from the future");
  }
}
