"""General outlier detectors on the rows anomaly.ts wrote: one thread, CPU seconds, scores of every row.

usage: OMP_NUM_THREADS=1 python anomaly-peers.py FOLDER → one JSON line a peer; scores as FOLDER/<peer>.f8, high is odd
"""

import json
import sys
import time

import numpy as np
from pyod.models.ecod import ECOD
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import RobustScaler

folder = sys.argv[1]
with open(f"{folder}/shape.json") as file:
    shape = json.load(file)
x = np.fromfile(f"{folder}/x.f8", dtype="<f8").reshape(-1, len(shape["columns"]))
# None of them takes missing values: a column nobody states goes, elsewhere the column's median says least.
x = x[:, ~np.isnan(x).all(axis=0)]
median = np.nanmedian(x, axis=0)
x = np.where(np.isnan(x), median, x)


def isolation_forest():
    model = IsolationForest(n_estimators=300, random_state=1, n_jobs=1).fit(x)
    return -model.score_samples(x)


def local_outlier_factor():
    model = LocalOutlierFactor(n_neighbors=35, n_jobs=1)
    model.fit(RobustScaler().fit_transform(x))
    return -model.negative_outlier_factor_


def ecod():
    return ECOD(n_jobs=1).fit(x).decision_scores_


for name, score in {
    "isolation-forest": isolation_forest,
    "local-outlier-factor": local_outlier_factor,
    "ecod": ecod,
}.items():
    begun = time.process_time()
    values = score()
    cpu = time.process_time() - begun
    np.asarray(values, dtype="<f8").tofile(f"{folder}/{name}.f8")
    print(json.dumps({"name": name, "cpuSeconds": cpu}), flush=True)
