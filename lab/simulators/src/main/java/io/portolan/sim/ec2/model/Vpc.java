package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;
import java.util.ArrayList;
import java.util.List;

/**
 * @param blocks of both families; the first is the IPv4 block the VPC was created with
 */
public record Vpc(ResourceId id, List<CidrAssociation> blocks) implements Resource {
  public Vpc {
    blocks = List.copyOf(blocks);
  }

  public List<CidrAssociation> ipv4Blocks() {
    return blocks.stream().filter(b -> b.block().family().bits() == 32).toList();
  }

  public List<CidrAssociation> ipv6Blocks() {
    return blocks.stream().filter(b -> b.block().family().bits() == 128).toList();
  }

  public Vpc with(CidrAssociation added) {
    List<CidrAssociation> all = new ArrayList<>(blocks);
    all.add(added);
    return new Vpc(id, all);
  }

  /** Whether one of the VPC's blocks holds all of {@code block}. */
  public boolean contains(Cidr block) {
    return blocks.stream().anyMatch(b -> b.block().contains(block));
  }
}
