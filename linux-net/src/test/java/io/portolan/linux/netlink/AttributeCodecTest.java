package io.portolan.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class AttributeCodecTest {
  @Test
  void everyKindOfValueReadsBackAsWritten() {
    AttributeReader reader =
        reader(
            new AttributeWriter()
                .u8(1, 0xfe)
                .u16(2, 0xfedc)
                .u32(3, 0xfedcba98)
                .u64(4, 0xfedcba9876543210L)
                .u16BigEndian(5, 0x1234)
                .u32BigEndian(6, 0x12345678)
                .u64BigEndian(7, 0x123456789abcdef0L)
                .string(8, "eth0")
                .bytes(9, new byte[] {1, 2, 3, 4, 5})
                .flag(10)
                .nested(11, w -> w.u8(1, 7).nested(2, inner -> inner.u32(3, 9))));

    assertThat(next(reader).u8()).isEqualTo(0xfe);
    assertThat(next(reader).u16()).isEqualTo(0xfedc);
    assertThat(next(reader).u32()).isEqualTo(0xfedcba98);
    assertThat(next(reader).u64()).isEqualTo(0xfedcba9876543210L);
    assertThat(next(reader).u16BigEndian()).isEqualTo(0x1234);
    assertThat(next(reader).u32BigEndian()).isEqualTo(0x12345678);
    assertThat(next(reader).u64BigEndian()).isEqualTo(0x123456789abcdef0L);
    assertThat(next(reader).string()).isEqualTo("eth0");
    assertThat(next(reader).bytes()).containsExactly(1, 2, 3, 4, 5);
    assertThat(next(reader).length()).isZero();
    AttributeReader nested = next(reader).nested();
    assertThat(next(nested).u8()).isEqualTo(7);
    AttributeReader inner = next(nested).nested();
    assertThat(next(inner).u32()).isEqualTo(9);
    assertThat(inner.next()).isFalse();
    assertThat(nested.next()).isFalse();
    assertThat(reader.next()).isFalse();
  }

  @Test
  void bytesAreThoseOfTheKernelHeaders() {
    byte[] bytes =
        new AttributeWriter().string(3, "lo").nested(18, w -> w.string(1, "veth")).toByteArray();

    // length 7, type 3, "lo\0", 1 byte of padding; length 16, type 18 nested, length 9, type 1,
    // "veth\0", 3 of padding
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("07000300" + "6c6f0000" + "10001280" + "09000100" + "7665746800000000");
  }

  @Test
  void attributeOfMoreThan64KiBIsRefusedWithTheWayOut() {
    AttributeWriter writer = new AttributeWriter();

    assertThatThrownBy(() ->
            writer.nested(
                3,
                w -> {
                  for (int i = 0; i < 9000; i++) {
                    w.u32(1, i);
                  }
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attribute 3 would be 72004 bytes")
        .hasMessageContaining("split the list");
  }

  @Test
  void messageWhoseBodyFailsLeavesTheBatchAsItWas() {
    NetlinkBatch batch = new NetlinkBatch().add(16, 0, () -> "first", w -> w.intField(1));
    int length = batch.length();

    assertThatThrownBy(() ->
            batch.add(
                16,
                0,
                () -> "second",
                w -> {
                  w.intField(1);
                  throw new IllegalArgumentException("bad");
                }))
        .hasMessage("bad");

    assertThat(batch.length()).isEqualTo(length);
    assertThat(batch.size()).isEqualTo(1);
  }

  @Test
  void readsOfAShorterValueAreRefused() {
    AttributeReader reader = reader(new AttributeWriter().u16(5, 1));
    assertThat(reader.next()).isTrue();

    assertThatThrownBy(reader::u32)
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("attribute 5 has 2 bytes where 4 are needed");
  }

  @Test
  void randomBytesNeverReadOutsideAndFailOnlyAsMalformed() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    System.out.println("AttributeCodecTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] payload = new byte[random.nextInt(96)];
      random.nextBytes(payload);
      if (random.nextBoolean()) {
        plausibleLengths(payload, random);
      }
      // The bytes around the payload are marked: a value that shows the mark was read outside.
      byte[] framed = new byte[payload.length + 128];
      Arrays.fill(framed, (byte) 0xa5);
      System.arraycopy(payload, 0, framed, 64, payload.length);
      ByteBuffer bytes = ByteBuffer.wrap(framed).position(64).limit(64 + payload.length);
      List<byte[]> values = new ArrayList<>();
      try {
        walk(new AttributeReader(bytes), random, values, 0);
      } catch (MalformedMessageException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
      for (byte[] value : values) {
        assertThat(contains(payload, value)).as("seed %d round %d", seed, round).isTrue();
      }
    }
  }

  @Test
  void randomBytesAsMessagesFailOnlyAsMalformed() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    System.out.println("AttributeCodecTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] datagram = new byte[random.nextInt(80)];
      random.nextBytes(datagram);
      ByteBuffer bytes = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
      if (datagram.length >= 20) {
        bytes.putInt(0, random.nextInt(datagram.length + 4));
        bytes.putShort(4, (short) random.nextInt(4));
        bytes.putInt(16, -random.nextInt(200));
      }
      try {
        NetlinkMessage message = NetlinkMessage.at(bytes, 0, datagram.length);
        Acknowledgement acknowledgement = Acknowledgement.of(message);
        assertThat(acknowledgement.errno()).isGreaterThanOrEqualTo(0);
      } catch (MalformedMessageException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  private static void walk(
      AttributeReader reader, RandomGenerator random, List<byte[]> values, int depth) {
    while (reader.next()) {
      values.add(reader.bytes());
      switch (random.nextInt(8)) {
        case 0 -> reader.u8();
        case 1 -> reader.u16BigEndian();
        case 2 -> reader.u32BigEndian();
        case 3 -> reader.u64BigEndian();
        case 4 -> reader.string();
        case 5 -> walk(reader.nested(random.nextInt(8)), random, values, depth + 1);
        default -> {}
      }
    }
  }

  private static void plausibleLengths(byte[] payload, RandomGenerator random) {
    ByteBuffer bytes = ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
    for (int at = 0; at + 4 <= payload.length; ) {
      int length = 4 + random.nextInt(16);
      bytes.putShort(at, (short) length);
      at += NetlinkHeader.align(length);
    }
  }

  private static boolean contains(byte[] all, byte[] part) {
    for (int i = 0; i + part.length <= all.length; i++) {
      if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return part.length == 0;
  }

  private static AttributeReader reader(AttributeWriter writer) {
    return new AttributeReader(ByteBuffer.wrap(writer.toByteArray()));
  }

  private static AttributeReader next(AttributeReader reader) {
    assertThat(reader.next()).isTrue();
    return reader;
  }
}
