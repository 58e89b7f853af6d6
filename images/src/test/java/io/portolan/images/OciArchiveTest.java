package io.portolan.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OciArchiveTest {
  @TempDir Path temporary;

  private ImageSpec image(String name, Instant time, boolean backwards) throws IOException {
    Path root = temporary.resolve(name);
    List<String> files = List.of("opt/a.jar", "opt/lib/b.jar", "opt/bin/run");
    for (String file : backwards ? files.reversed() : files) {
      Path at = root.resolve(file);
      Files.createDirectories(at.getParent());
      Files.writeString(at, file);
      Files.setLastModifiedTime(at, FileTime.from(time));
    }
    Files.createDirectories(root.resolve("tmp"));
    Files.setPosixFilePermissions(
        root.resolve("opt/bin/run"), PosixFilePermissions.fromString("rwxr-x---"));
    Files.setPosixFilePermissions(
        root.resolve("opt/a.jar"),
        PosixFilePermissions.fromString(backwards ? "rw-------" : "rw-rw-r--"));
    return new ImageSpec(
        "portolan.local/test:1",
        "a test",
        "amd64",
        "65532:65532",
        List.of("/opt/bin/run", "--fast"),
        List.of(new ImageSpec.Layer("all", root)));
  }

  @Test
  void filesOfOtherTimesOrdersAndMasksGiveTheSameBytes() throws Exception {
    Path first = temporary.resolve("first.tar");
    Path second = temporary.resolve("second.tar");
    String one =
        OciArchive.write(
            image("one", Instant.parse("2020-02-02T02:02:02Z"), false),
            first,
            temporary.resolve("cache-1"));
    String two =
        OciArchive.write(
            image("two", Instant.parse("2030-03-03T03:03:03Z"), true),
            second,
            temporary.resolve("cache-2"));

    assertThat(one).isEqualTo(two).startsWith("sha256:");
    assertThat(sha256(first)).isEqualTo(sha256(second));
  }

  @Test
  void anotherByteIsAnotherImage() throws Exception {
    ImageSpec image = image("one", Instant.EPOCH, false);
    String before = OciArchive.write(image, temporary.resolve("a.tar"), temporary.resolve("c-1"));
    Files.writeString(temporary.resolve("one/opt/a.jar"), "changed");
    String after = OciArchive.write(image, temporary.resolve("b.tar"), temporary.resolve("c-2"));

    assertThat(after).isNotEqualTo(before);
  }

  @Test
  void usersAreNumbers() {
    assertThatThrownBy(() -> new ImageSpec("r:1", "t", "amd64", "nobody", List.of("/x"), List.of()))
        .hasMessage(
            "user 'nobody' is not UID:GID; a kubelet checks runAsNonRoot against numbers only");
  }

  private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
