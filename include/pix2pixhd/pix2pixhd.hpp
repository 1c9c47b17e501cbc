#pragma once
/// The umbrella: everything that networks need to run. Styles and editing (features/), files, images and training are
/// included by name.

#include <pix2pixhd/backend/best_device.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/pool.hpp>
#include <pix2pixhd/layers/recomputed.hpp>
#include <pix2pixhd/layers/stored_as_float.hpp>
#include <pix2pixhd/layers/refine.hpp>
#include <pix2pixhd/layers/repeat.hpp>
#include <pix2pixhd/layers/taps.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/networks/live.hpp>
#include <pix2pixhd/networks/plan.hpp>
#include <pix2pixhd/networks/session.hpp>
#include <pix2pixhd/networks/vgg19.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/ops/transfer.hpp>
#include <pix2pixhd/version.hpp>
