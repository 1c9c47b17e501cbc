#pragma once
/// Whether a training run goes well: alarms that say in a sentence what is wrong and what to do.

#include <pix2pixhd/training/blob_alarm.hpp>
#include <pix2pixhd/training/discriminator_alarm.hpp>
