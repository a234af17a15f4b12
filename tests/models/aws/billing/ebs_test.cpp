#include "models/aws/billing/ebs.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("gp3 pays what exceeds its included IOPS and throughput") {
  // Half a day of a 30-day month: 1/60. 2000 x 0.08 / 60, 7000 x 0.005 / 60, 375 x 0.04 / 60.
  const EbsCharge c = ebs_charge(VolumeKind::gp3, gibibytes(2000), 10'000, 500, hours(12), 2'592'000,
                                 {Rate{80'000'000'000}, Rate{5'000'000'000}, Rate{40'000'000'000}});
  CHECK(c.storage == Money{2'666'666'667});
  CHECK(c.iops == Money{583'333'333});
  CHECK(c.throughput == Money{250'000'000});
}

TEST_CASE("other kinds pay by size, provisioned IOPS volumes for all IOPS") {
  const EbsRates rates{Rate{100'000'000'000}, Rate{65'000'000'000}, Rate{40'000'000'000}};
  const EbsCharge gp2 = ebs_charge(VolumeKind::gp2, gibibytes(10), 5000, 500, hours(720), 2'592'000, rates);
  CHECK(gp2.total() == dollars(1));
  const EbsCharge io1 = ebs_charge(VolumeKind::io1, gibibytes(10), 100, 0, hours(720), 2'592'000, rates);
  CHECK(io1.iops == Money{6'500'000'000});
}

TEST_CASE("a volume that lived a second pays a minute") {
  const EbsRates rates{Rate{80'000'000'000}, {}, {}};
  CHECK(ebs_charge(VolumeKind::gp3, gibibytes(1000), 3000, 125, seconds(1), 2'592'000, rates).storage ==
        ebs_charge(VolumeKind::gp3, gibibytes(1000), 3000, 125, seconds(60), 2'592'000, rates).storage);
}
