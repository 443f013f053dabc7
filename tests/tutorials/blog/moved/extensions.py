from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from housekey import Housekey

db = SQLAlchemy()
csrf = CSRFProtect()
login_manager = Housekey(db=db).login_manager
login_manager.login_view = "users.login"
login_manager.login_message_category = "info"
