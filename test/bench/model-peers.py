"""Peers of the gradient-boosted trees on the folds model-peers.ts wrote: one thread, CPU seconds of fitting.

usage: OMP_NUM_THREADS=1 python model-peers.py FOLDER FOLDS → one JSON line a peer
"""

import json
import sys
import time

import numpy as np
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

folder, folds = sys.argv[1], int(sys.argv[2])


def read(fold):
    with open(f"{folder}/{fold}.json") as file:
        shape = json.load(file)
    matrix = lambda name: np.fromfile(f"{folder}/{fold}.{name}", dtype="<f4").reshape(-1, shape["columns"])
    target = lambda name: np.fromfile(f"{folder}/{fold}.{name}", dtype="<f8")
    held = np.fromfile(f"{folder}/{fold}.held", dtype=np.uint8).astype(bool)
    return matrix("x"), target("y"), held, matrix("test-x"), target("test-y")


def boost_xgboost(objective):
    def fit(x, y, held):
        model = xgboost.XGBRegressor(
            objective=objective, tree_method="hist", max_bin=255, grow_policy="lossguide", max_depth=0, max_leaves=31,
            min_child_weight=8, reg_lambda=3, learning_rate=0.06, n_estimators=800, subsample=0.8, colsample_bytree=0.4,
            early_stopping_rounds=40, eval_metric="mae", n_jobs=1, random_state=1,
        )
        model.fit(x[~held], y[~held], eval_set=[(x[held], y[held])], verbose=False)
        return model, model.best_iteration + 1

    return fit


def boost_sklearn(loss):
    def fit(x, y, held):
        model = HistGradientBoostingRegressor(
            loss=loss, learning_rate=0.06, max_iter=800, max_leaf_nodes=31, min_samples_leaf=8, l2_regularization=3, max_bins=255,
            max_features=0.4, early_stopping=True, n_iter_no_change=40, scoring="neg_mean_absolute_error", random_state=1,
        )
        model.fit(x[~held], y[~held], X_val=x[held], y_val=y[held])
        return model, model.n_iter_

    return fit


PEERS = {
    "XGBoost, squares": boost_xgboost("reg:squarederror"),
    "XGBoost, absolute": boost_xgboost("reg:absoluteerror"),
    "HistGradientBoosting, squares": boost_sklearn("squared_error"),
    "HistGradientBoosting, absolute": boost_sklearn("absolute_error"),
}
for name, fit in PEERS.items():
    shares, cpu, trees = [], 0.0, 0
    for fold in range(folds):
        x, y, held, test_x, test_y = read(fold)
        begun = time.process_time()
        model, count = fit(x, y, held)
        cpu += time.process_time() - begun
        trees += count
        shares.append(np.abs(np.exp(model.predict(test_x) - test_y) - 1))
    line = {"name": name, "mdape": float(np.median(np.concatenate(shares))), "cpuSeconds": cpu, "trees": int(trees)}
    print(json.dumps(line), flush=True)
