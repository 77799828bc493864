package io.hfx.d2d.transfer;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Keeps why seeds were left. */
final class Losses implements CloneListener {
    final List<Fault> faults = new ArrayList<>();

    @Override
    public void lost(InetSocketAddress seed, TransferException why) {
        System.out.println(why.getMessage());
        faults.add(why.fault());
    }
}
